#include "harness/gate/paired_scores.h"

#include <algorithm>

#include "harness/gate/quality_gate.h"
#include "harness/measure/effective_size.h"

namespace wan::gate {

const std::array<ScaledScore, 4> kScaledScores{{{kPsnr, measure::LossScale::psnr_db},
                                                {kSsim, measure::LossScale::ssim_db},
                                                {kLpips, measure::LossScale::log},
                                                {kMse, measure::LossScale::log}}};

PairedScores pair_scores(const ClipValues& first, const ClipValues& second, measure::LossScale scale) {
  // Rounding may carry the SSIM of equal clips past 1.
  const auto safe = [&](double score) { return scale == measure::LossScale::ssim_db ? std::min(score, 1.0) : score; };
  PairedScores paired;
  std::map<std::string, measure::SeedScores> prompts;
  for (const auto& [clip, value] : first.values) {
    const auto other = second.values.find(clip);
    if (other == second.values.end()) continue;
    ++paired.clips;
    prompts[clip.first].push_back(measure::loss(scale, safe(other->second)) - measure::loss(scale, safe(value)));
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
