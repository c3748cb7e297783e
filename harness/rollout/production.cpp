#include "harness/rollout/production.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <span>
#include <utility>

#include "harness/gate/criterion.h"
#include "harness/gate/health.h"
#include "harness/gate/paired_scores.h"
#include "harness/gate/quality_gate.h"
#include "harness/measure/non_inferiority.h"

namespace wan::rollout {
namespace {

using gate::Criterion;
using gate::Outcome;
using gate::ScaledScore;

gate::GateResult no_baseline(std::string why) {
  const Criterion criterion{.name = "baseline", .outcome = Outcome::invalid, .reason = "no_baseline: " + std::move(why)};
  return {.outcome = criterion.outcome, .reason = criterion.reason, .criteria = {criterion}};
}

// Why this baseline is not the one; empty if it is.
std::string misfit(const Subject& subject, const baseline::Baseline& promoted) {
  if (promoted.machine_class.empty()) return fmt::format("nothing is promoted for {}", subject.machine_class);
  for (const auto& [what, wanted, found] :
       {std::tuple("machine class", &subject.machine_class, &promoted.machine_class), std::tuple("model", &subject.model, &promoted.model),
        std::tuple("shape", &subject.shape, &promoted.shape)})
    if (*wanted != *found) return fmt::format("its {} is '{}', the rollout's is '{}'", what, *found, *wanted);
  if (!baseline::find(promoted.floors, subject.configuration.noise_floor, &baseline::Floor::configuration))
    return fmt::format("it has no floor of {}: `wan-eval baseline calibrate`, then promote", subject.configuration.noise_floor);
  return {};
}

Criterion none_of(const char* name, std::size_t count, std::size_t n, const std::string& fault) {
  return {.name = name,
          .outcome = count == 0 ? Outcome::held : Outcome::rejected,
          .reason = count == 0 ? "none" : fault,
          .value = static_cast<double>(count),
          .bound = 0.0,
          .n = n};
}

std::vector<Criterion> judge_health(const store::ConfigurationRecord& samples, const plan::Thresholds& bounds) {
  const gate::Coverage coverage = gate::cover(samples);
  return {none_of("crashes", coverage.crashed, coverage.expected, "crash: " + coverage.first_fault),
          none_of("out_of_memory", coverage.out_of_memory, coverage.expected, "oom: " + coverage.first_fault),
          none_of("nonfinite_clips", coverage.nonfinite, coverage.expected, "nan: NaN or infinite values before clamping"),
          gate::judge_artifacts(samples, bounds.max_artifact_share, Outcome::rejected)};
}

// So many times the distance, on the scale of the loss: natural logarithms, or dB of a squared distance.
double margin_of(measure::LossScale scale, double ratio) {
  return scale == measure::LossScale::log ? std::log(ratio) : 10 * std::log10(ratio);
}

struct Level {
  double loss = 0;
  const char* of = "";
};

// Nothing if nobody promoted a level of this score.
std::optional<Level> level_of(const ScaledScore& score, const Subject& subject, const baseline::Baseline& promoted) {
  const auto& configuration = subject.configuration;
  const auto* floor = baseline::find(promoted.floors, configuration.noise_floor, &baseline::Floor::configuration);
  const auto* floor_score = floor ? baseline::find(floor->scores, score.name, &baseline::FloorScore::score) : nullptr;
  const auto* entry = baseline::find(promoted.entries, configuration.id, &baseline::Entry::configuration);
  const auto* figure = entry ? baseline::find(entry->figures, score.name, &baseline::Figure::name) : nullptr;
  if (!figure && (!floor_score || configuration.gate != plan::GateKind::calibrated)) return std::nullopt;
  if (!figure) return Level{floor_score->mean, "the noise floor"};
  const double loss = measure::loss(score.scale, figure->value);
  if (floor_score && floor_score->mean > loss) return Level{floor_score->mean, "the noise floor"};
  return Level{loss, "the promoted figure"};
}

Criterion judge_score(const ScaledScore& score, const Level& level, const Subject& subject, const store::ConfigurationRecord& samples) {
  const gate::ClipValues values = gate::clip_values(samples, score.name);
  Criterion criterion{.name = score.name, .n = values.values.size()};
  if (!values.error.empty() || values.values.empty()) {
    criterion.outcome = values.error.empty() ? Outcome::not_measured : Outcome::invalid;
    criterion.reason = values.error.empty() ? "not_in_samples: no sample carries it" : "no_number: " + values.error;
    return criterion;
  }
  const double margin = margin_of(score.scale, subject.configuration.thresholds.calibrated_ratio);
  std::vector<double> worsening = gate::prompt_losses(std::span(&values, 1), score.scale);
  for (double& loss : worsening) loss -= level.loss;
  const auto shown = measure::non_inferiority(worsening, {.value = margin});
  const auto score_at = [&](double worse) { return measure::score_of(score.scale, level.loss + worse); };
  criterion.value = score_at(shown.mean);
  criterion.bound = score_at(margin);
  criterion.margin = margin - shown.mean;  // on the scale of the loss
  if (shown.bounds) {
    criterion.low = std::min(score_at(shown.bounds->low), score_at(shown.bounds->high));
    criterion.high = std::max(score_at(shown.bounds->low), score_at(shown.bounds->high));
  }
  switch (shown.decision) {
    case measure::Decision::held:
      criterion.outcome = Outcome::held;
      criterion.reason = "within_bound";
      break;
    case measure::Decision::regressed:
      criterion.outcome = Outcome::failed;
      criterion.reason =
          fmt::format("worse: more than {:.4g} times the distance of {}", subject.configuration.thresholds.calibrated_ratio, level.of);
      break;
    case measure::Decision::inconclusive:
      criterion.outcome = Outcome::inconclusive;
      criterion.reason = "within_noise: more samples would narrow the interval";
  }
  if (score.name == std::string(gate::kSsim) && gate::mean_over_clips(values.values) < subject.configuration.thresholds.reject_ssim) {
    criterion.outcome = Outcome::rejected;
    criterion.value = gate::mean_over_clips(values.values);
    criterion.reason = fmt::format("below_bound: under {:.4g} it is rejected", subject.configuration.thresholds.reject_ssim);
  }
  return criterion;
}

}  // namespace

Comparison compare_with_promoted(const Subject& subject, const Samples& samples, const baseline::Baseline& promoted) {
  Comparison comparison;
  std::set<std::string> prompts;
  for (const auto& cell : samples.clips.cells) prompts.insert(cell.prompt);
  comparison.clips = samples.clips.cells.size();
  comparison.prompts = prompts.size();
  std::vector<Criterion> criteria = judge_health(samples.clips, subject.configuration.thresholds);
  criteria.insert(criteria.end(), samples.failures.begin(), samples.failures.end());
  std::string why_no_level = misfit(subject, promoted);
  std::size_t judged = 0;
  for (const ScaledScore& score : gate::kScaledScores) {
    const auto level = why_no_level.empty() ? level_of(score, subject, promoted) : std::nullopt;
    if (!level) continue;
    criteria.push_back(judge_score(score, *level, subject, samples.clips));
    judged += criteria.back().outcome != Outcome::not_measured;
  }
  comparison.gate = gate::combine(criteria);
  const bool is_bad = comparison.gate.outcome == Outcome::rejected || comparison.gate.outcome == Outcome::failed;
  if (judged > 0 || is_bad) return comparison;
  if (why_no_level.empty())
    why_no_level = fmt::format("it has no figure of {}, or no sample carries a score that it has; propose one from nights that ran it",
                               subject.configuration.id);
  comparison.gate = no_baseline(why_no_level);
  return comparison;
}

}  // namespace wan::rollout
