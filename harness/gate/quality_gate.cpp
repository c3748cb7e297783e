#include "harness/gate/quality_gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "harness/gate/criterion.h"
#include "harness/gate/health.h"
#include "harness/gate/noise_floor.h"
#include "harness/gate/suite_scores.h"
#include "harness/measure/non_inferiority.h"

namespace wan::gate {
namespace {

constexpr double kAlpha = 0.05;  // of each side

// Fills value and n, or outcome and reason if the score has no value over the suite. True if there is a value.
bool fill_value(Criterion& criterion, const store::ConfigurationRecord& candidate, const ClipValues& values, double value) {
  bool any_scores = false, any_unscored = false;
  for (const auto& cell : candidate.cells) {
    if (cell.status != store::CellStatus::done) continue;
    (cell.scores.scores.empty() ? any_unscored : any_scores) = true;
  }
  criterion.n = values.values.size();
  if (criterion.n > 0) criterion.value = value;
  if (!values.measured && !any_scores) {
    criterion.outcome = Outcome::invalid;
    criterion.reason = fmt::format("no_reference: no clip to compare with {}", candidate.configuration.quality_baseline);
  } else if (!values.measured) {
    criterion.outcome = Outcome::not_measured;
    criterion.reason = fmt::format("not_in_run: {} is not among the metrics of this run", criterion.name);
  } else if (!values.error.empty()) {
    criterion.outcome = Outcome::invalid;
    criterion.reason = fmt::format("no_number: {}", values.error);
  } else if (any_unscored) {
    criterion.outcome = Outcome::invalid;
    criterion.reason = fmt::format("no_reference: some clips have no clip of {} to compare with", candidate.configuration.quality_baseline);
  } else {
    return true;
  }
  return false;
}

enum class Side { above, below };  // of the bound: where a good value lies

// Rounding may carry the SSIM of equal clips past 1.
std::vector<double> numbers(const std::map<ClipId, double>& values, double most = std::numeric_limits<double>::infinity()) {
  std::vector<double> numbers;
  for (const auto& [clip, value] : values) numbers.push_back(std::min(value, most));
  return numbers;
}

// Clips of one prompt are no independent evidence: their mean over seeds is one value [prompts].
std::vector<double> by_prompt(const std::map<ClipId, double>& clips, const std::vector<double>& values) {
  std::map<std::string, std::vector<double>> prompts;
  std::size_t i = 0;
  for (const auto& [clip, value] : clips) prompts[clip.first].push_back(values[i++]);
  std::vector<double> means;
  for (const auto& [prompt, of_seeds] : prompts)
    means.push_back(std::accumulate(of_seeds.begin(), of_seeds.end(), 0.0) / static_cast<double>(of_seeds.size()));
  return means;
}

// What a suite says of a limit: its own mean, and the interval over its prompts on a scale where scores are about normal. Both must agree;
// a mean that a few clips carry over the limit is as bad as prompts that miss it.
void decide(Criterion& criterion, bool mean_is_good, const std::optional<measure::Interval>& bounds, bool is_good, bool is_bad,
            const char* code) {
  if (!bounds) {
    criterion.outcome = Outcome::inconclusive;
    criterion.reason = "too_few_prompts: one prompt has no interval";
  } else if (!is_good && !is_bad) {
    criterion.outcome = Outcome::inconclusive;
    criterion.reason = "within_noise: the interval holds the bound; more prompts would narrow it";
  } else {
    const bool held = is_good && mean_is_good;
    criterion.outcome = held ? Outcome::held : Outcome::failed;
    criterion.reason = held ? "within_bound" : code;
  }
}

Criterion beyond(const std::string& score, measure::LossScale scale, Side side, double bound, const store::ConfigurationRecord& candidate) {
  const ClipValues values = clip_values(candidate, score);
  Criterion criterion{.name = score, .bound = bound};
  const double pooled = score == kPsnr ? pooled_psnr_db(values.values) : mean_over_clips(values.values);
  if (!fill_value(criterion, candidate, values, pooled)) return criterion;
  criterion.margin = side == Side::above ? pooled - bound : bound - pooled;
  const double most = scale == measure::LossScale::ssim_db ? 1.0 : std::numeric_limits<double>::infinity();
  const auto worsening = by_prompt(values.values, measure::worsening_beyond(scale, bound, numbers(values.values, most)));
  const auto bounds = measure::non_inferiority(worsening, {.value = 0}, kAlpha).bounds;
  if (bounds) {
    const double limit = measure::loss(scale, bound);
    const auto [better, worse] = std::pair(measure::score_of(scale, limit + bounds->low), measure::score_of(scale, limit + bounds->high));
    criterion.low = std::min(better, worse);
    criterion.high = std::max(better, worse);
  }
  decide(criterion, *criterion.margin > 0, bounds, bounds && bounds->high < 0, bounds && bounds->low >= 0,
         side == Side::above ? "below_bound" : "above_bound");
  return criterion;
}

// The floor's values on exactly the clips that the candidate has; fewer if the floor lacks some.
std::map<ClipId, double> on_same_clips(const std::map<ClipId, double>& floor, const std::map<ClipId, double>& candidate) {
  std::map<ClipId, double> same;
  for (const auto& [clip, value] : floor)
    if (candidate.contains(clip)) same[clip] = value;
  return same;
}

// Worsening by prompt [P], logarithms, and the mean of the floor that they are taken against.
struct AgainstFloor {
  double mean_floor = 0;
  std::vector<double> worsening = {};
};

// Decides a criterion that has its value.
void decide_distance(Criterion& criterion, const AgainstFloor& against, double ratio) {
  criterion.margin = *criterion.bound - *criterion.value;
  const double margin = std::log(ratio);
  const auto bounds = measure::non_inferiority(against.worsening, {.value = margin}, kAlpha).bounds;
  if (bounds) {
    criterion.low = against.mean_floor * std::exp(bounds->low);
    criterion.high = against.mean_floor * std::exp(bounds->high);
  }
  decide(criterion, *criterion.margin >= 0, bounds, bounds && bounds->high <= margin, bounds && bounds->low > margin, "over_bound");
}

void add_detail(std::string& reason, const std::string& detail) {
  reason += (reason.find(": ") == std::string::npos ? ": " : "; ") + detail;
}

Criterion against_own_floor(const Distance& distance, const store::RunRecord& run, const store::ConfigurationRecord& candidate) {
  Criterion criterion{.name = distance.name};
  const ClipValues values = distances(candidate, distance);
  const bool has_value = fill_value(criterion, candidate, values, mean_over_clips(values.values));
  const std::string& floor_id = candidate.configuration.noise_floor;
  const auto* twin = find_configuration(run, floor_id);
  if (!twin) {
    criterion.outcome = Outcome::invalid;
    criterion.reason = fmt::format("no_noise_floor: {} is not part of this run", floor_id);
    return criterion;
  }
  const auto floor = on_same_clips(distances(*twin, distance).values, values.values);
  const double mean_floor = mean_over_clips(floor), ratio = candidate.configuration.thresholds.calibrated_ratio;
  if (!floor.empty()) criterion.bound = ratio * mean_floor;
  if (!has_value) return criterion;
  if (floor.size() < values.values.size()) {
    const bool to_come = cover(*twin).pending > 0;
    criterion.outcome = to_come ? Outcome::inconclusive : Outcome::invalid;
    criterion.reason = fmt::format("no_noise_floor: {} has {} of the {} clips", floor_id, floor.size(), values.values.size());
    return criterion;
  }
  const auto worsening = measure::worsening(measure::LossScale::log, numbers(floor), numbers(values.values));
  decide_distance(criterion, {.mean_floor = mean_floor, .worsening = by_prompt(values.values, worsening)}, ratio);
  if (mean_floor == 0)
    add_detail(criterion.reason,
               fmt::format("the noise floor is zero, {} equals its baseline bit for bit, so only an identical clip holds", floor_id));
  return criterion;
}

Criterion against_promoted_floor(const Distance& distance, const store::PromotedFloor& floor, const store::RunRecord& run,
                                 const store::ConfigurationRecord& candidate) {
  Criterion criterion{.name = distance.name};
  if (!run.weights_hash.empty() && floor.weights_hash != run.weights_hash) {
    criterion.outcome = Outcome::invalid;
    criterion.reason = fmt::format("no_noise_floor: that of {} is of other weights; calibrate and promote anew", run.floor_source);
    return criterion;
  }
  const ClipValues values = distances(candidate, distance);
  const bool has_value = fill_value(criterion, candidate, values, mean_over_clips(values.values));
  std::map<std::string, double> log_distances;
  for (const auto& one : floor.distances)
    if (one.name == distance.name)
      for (const auto& [prompt, log_distance] : one.prompts) log_distances[prompt] = log_distance;
  std::map<ClipId, double> of_clips;
  for (const auto& [clip, value] : values.values) of_clips[clip] = std::exp(log_distances.at(clip.first));
  const double ratio = candidate.configuration.thresholds.calibrated_ratio;
  const AgainstFloor against{
      .mean_floor = mean_over_clips(of_clips),
      .worsening = by_prompt(values.values, measure::worsening(measure::LossScale::log, numbers(of_clips), numbers(values.values)))};
  if (!of_clips.empty()) criterion.bound = ratio * against.mean_floor;
  if (!has_value) return criterion;
  decide_distance(criterion, against, ratio);
  add_detail(criterion.reason, fmt::format("against the floor of {} ({} prompts, {} nights to {})", run.floor_source, log_distances.size(),
                                           floor.nights, floor.date));
  return criterion;
}

Criterion against_floor(const Distance& distance, const store::RunRecord& run, const store::ConfigurationRecord& candidate) {
  if (const auto* promoted = promoted_floor(run, candidate)) return against_promoted_floor(distance, *promoted, run, candidate);
  return against_own_floor(distance, run, candidate);
}

// The worst step of the worst clip.
Criterion teacher_forced(const store::ConfigurationRecord& candidate) {
  constexpr const char* kName = "teacher_forced.relative_l2";
  Criterion criterion{.name = kName,
                      .outcome = Outcome::not_measured,
                      .reason = "not_measured: the run did not drive this configuration along its baseline's trajectory",
                      .bound = candidate.configuration.thresholds.teacher_forced_max};
  for (const auto& [clip, cell] : by_clip(candidate)) {
    const metrics::Score* score = cell->scores.find(kName);
    if (!score) continue;
    if (!score->error.empty()) {
      criterion.outcome = criterion.bound ? Outcome::invalid : Outcome::not_measured;
      criterion.reason = fmt::format("no_score: prompt {}, seed {}: {}", clip.first, clip.second, score->error);
      return criterion;
    }
    criterion.value = std::max(criterion.value.value_or(0), score->pooled.max);
    ++criterion.n;
  }
  if (!criterion.value) return criterion;
  if (!criterion.bound) {
    criterion.reason = "no_bound: shown, judged only where the tier sets teacher_forced_max";
    return criterion;
  }
  criterion.margin = *criterion.bound - *criterion.value;
  criterion.outcome = *criterion.margin >= 0 ? Outcome::held : Outcome::failed;
  criterion.reason = *criterion.margin >= 0 ? "within_bound" : "over_bound";
  return criterion;
}

// An SSIM under the lower bound, whose level may be another than that of the upper one.
Criterion reject(Criterion ssim, const plan::Thresholds& bounds) {
  const plan::Level level = bounds.levels.reject_ssim;
  if (level == plan::Level::off || level < ssim.level) return ssim;
  ssim.level = level;
  ssim.outcome = Outcome::rejected;
  ssim.reason = fmt::format("below_bound: under {:.4g} it is rejected", bounds.reject_ssim);
  return ssim;
}

// A point estimate over a part of the clips decides nothing yet, unless it already rejects.
void hold_back_if_incomplete(std::vector<Criterion>& scores, const Coverage& coverage) {
  if (coverage.pending == 0) return;
  for (auto& criterion : scores) {
    if (criterion.outcome != Outcome::held && criterion.outcome != Outcome::failed && criterion.outcome != Outcome::invalid) continue;
    criterion.outcome = Outcome::inconclusive;
    criterion.reason = fmt::format("incomplete: {} of {} clips", coverage.done, coverage.expected);
  }
}

GateResult combine_with_health(const store::RunRecord& run, const store::ConfigurationRecord& candidate, std::vector<Criterion> scores) {
  hold_back_if_incomplete(scores, cover(candidate));
  std::vector<Criterion> criteria = judge_health(run, candidate);
  const plan::Level bit_equality = candidate.configuration.thresholds.levels.bit_equality;
  for (auto& criterion : judge_bit_equality(run, candidate)) criteria.push_back(at_level(std::move(criterion), bit_equality));
  for (auto& criterion : scores) criteria.push_back(std::move(criterion));
  return combine(std::move(criteria));
}

}  // namespace

GateResult judge_roadmap(const store::RunRecord& run, const store::ConfigurationRecord& candidate) {
  const plan::Thresholds& bounds = candidate.configuration.thresholds;
  const plan::Levels& levels = bounds.levels;
  const bool is_complete = cover(candidate).pending == 0;
  Criterion ssim = beyond(kSsim, measure::LossScale::ssim_db, Side::above, bounds.min_ssim, candidate);
  const bool is_rejected = ssim.outcome == Outcome::failed && *ssim.value < bounds.reject_ssim && is_complete;
  ssim = at_level(std::move(ssim), levels.min_ssim);
  std::vector<Criterion> scores{
      at_level(judge_artifacts(candidate, bounds.max_artifact_share, Outcome::rejected), levels.max_artifact_share),
      is_rejected ? reject(std::move(ssim), bounds) : std::move(ssim),
      at_level(beyond(kLpips, measure::LossScale::log, Side::below, bounds.max_lpips, candidate), levels.max_lpips),
      at_level(beyond(kPsnr, measure::LossScale::psnr_db, Side::above, bounds.min_psnr_db, candidate), levels.min_psnr_db)};
  return combine_with_health(run, candidate, std::move(scores));
}

GateResult judge_calibrated(const store::RunRecord& run, const store::ConfigurationRecord& candidate) {
  const plan::Levels& levels = candidate.configuration.thresholds.levels;
  std::vector<Criterion> scores{at_level(judge_artifacts(candidate, 0.0, Outcome::failed), levels.max_artifact_share)};
  for (const auto& distance : kDistances) scores.push_back(at_level(against_floor(distance, run, candidate), levels.calibrated_ratio));
  scores.push_back(at_level(teacher_forced(candidate), levels.teacher_forced_max));
  return combine_with_health(run, candidate, std::move(scores));
}

GateResult show_figures(const store::ConfigurationRecord& configuration, const std::string& reason) {
  GateResult result{.outcome = Outcome::not_measured, .reason = reason};
  for (const char* score : {kSsim, kLpips, kPsnr, kMse}) {
    const ClipValues values = clip_values(configuration, score);
    if (values.values.empty()) continue;
    const double pooled = score == std::string(kPsnr) ? pooled_psnr_db(values.values) : mean_over_clips(values.values);
    result.criteria.push_back(
        {.name = score, .outcome = Outcome::not_measured, .reason = reason, .value = pooled, .n = values.values.size()});
  }
  const Coverage coverage = cover(configuration);
  if (coverage.done < coverage.expected)
    result.reason += fmt::format(" ({} of {} clips{})", coverage.done, coverage.expected,
                                 coverage.first_fault.empty() ? "" : "; " + coverage.first_fault);
  return result;
}

}  // namespace wan::gate
