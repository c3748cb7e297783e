#include "harness/gate/paired_scores.h"

#include <algorithm>

#include "harness/gate/quality_gate.h"
#include "harness/measure/effective_size.h"

namespace wan::gate {

const std::array<ScaledScore, 4> kScaledScores{{{kPsnr, measure::LossScale::psnr_db},
                                                {kSsim, measure::LossScale::ssim_db},
                                                {kLpips, measure::LossScale::log},
                                                {kMse, measure::LossScale::log}}};

double clip_loss(measure::LossScale scale, double score) {
  return measure::loss(scale, scale == measure::LossScale::ssim_db ? std::min(score, 1.0) : score);
}

std::vector<double> prompt_losses(std::span<const ClipValues> all, measure::LossScale scale) {
  std::map<std::string, measure::SeedScores> prompts;
  for (const ClipValues& clips : all)
    for (const auto& [clip, value] : clips.values) prompts[clip.first].push_back(clip_loss(scale, value));
  std::vector<measure::SeedScores> seeds;
  seeds.reserve(prompts.size());
  for (auto& [prompt, losses] : prompts) seeds.push_back(std::move(losses));
  return seeds.empty() ? std::vector<double>{} : measure::prompt_means(seeds);
}

PairedScores pair_scores(const ClipValues& first, const ClipValues& second, measure::LossScale scale) {
  PairedScores paired;
  std::map<std::string, measure::SeedScores> prompts;
  for (const auto& [clip, value] : first.values) {
    const auto other = second.values.find(clip);
    if (other == second.values.end()) continue;
    ++paired.clips;
    prompts[clip.first].push_back(clip_loss(scale, other->second) - clip_loss(scale, value));
  }
  if (prompts.empty()) return paired;
  std::vector<measure::SeedScores> seeds;
  for (auto& [prompt, scores] : prompts) seeds.push_back(std::move(scores));
  paired.worsening = measure::prompt_means(seeds);
  return paired;
}

double suite_figure(const std::string& score, const std::map<ClipId, double>& values) {
  return score == kPsnr ? pooled_psnr_db(values) : mean_over_clips(values);
}

}  // namespace wan::gate
