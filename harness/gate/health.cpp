#include "harness/gate/health.h"

#include <fmt/format.h>

#include "harness/gate/audit.h"
#include "harness/gate/criterion.h"
#include "harness/measure/proportion.h"

namespace wan::gate {
namespace {

struct Count {
  const char* name;
  const char* code;
  std::size_t count;
  std::string detail;
};

Criterion none_of(const Count& what, std::size_t n) {
  const bool clean = what.count == 0;
  return {.name = what.name,
          .outcome = clean ? Outcome::held : Outcome::rejected,
          .reason = clean ? "none" : fmt::format("{}: {}", what.code, what.detail),
          .value = static_cast<double>(what.count),
          .bound = 0.0,
          .margin = clean ? 0.0 : -static_cast<double>(what.count),
          .n = n};
}

Criterion without_value(const char* name, Outcome outcome, std::string reason) {
  return {.name = name, .outcome = outcome, .reason = std::move(reason)};
}

// Empty vector if the baseline of the scores is sound.
std::vector<Criterion> judge_baseline(const store::RunRecord& run, const std::string& id) {
  const auto* baseline = find_configuration(run, id);
  if (!baseline) return {without_value("baseline", Outcome::invalid, fmt::format("no_baseline: {} is not part of this run", id))};
  const Coverage coverage = cover(*baseline);
  if (coverage.nonfinite > 0)
    return {without_value("baseline", Outcome::invalid,
                          fmt::format("baseline_nonfinite: {} of {} clips of {} carry values that are not finite", coverage.nonfinite,
                                      coverage.expected, id))};
  return {};
}

}  // namespace

std::vector<Criterion> judge_health(const store::RunRecord& run, const store::ConfigurationRecord& candidate) {
  const plan::Levels& levels = candidate.configuration.thresholds.levels;
  const Coverage coverage = cover(candidate);
  const std::size_t seen = coverage.expected - coverage.pending;
  std::vector<Criterion> criteria{
      at_level(none_of({.name = "crashes", .code = "crash", .count = coverage.crashed, .detail = coverage.first_fault}, seen),
               levels.crashes),
      at_level(none_of({.name = "out_of_memory", .code = "oom", .count = coverage.out_of_memory, .detail = coverage.first_fault}, seen),
               levels.out_of_memory),
      at_level(
          none_of(
              {.name = "nonfinite_clips", .code = "nan", .count = coverage.nonfinite, .detail = "NaN or infinite values before clamping"},
              seen),
          levels.nonfinite)};
  if (coverage.unusable > 0)
    criteria.push_back(
        without_value("clips", Outcome::invalid,
                      fmt::format("unusable: {} of {} clips are missing; {}", coverage.unusable, coverage.expected, coverage.first_fault)));
  if (coverage.pending > 0)
    criteria.push_back(without_value("clips", Outcome::inconclusive,
                                     fmt::format("incomplete: {} of {} clips are still to come", coverage.pending, coverage.expected)));
  for (auto& criterion : judge_baseline(run, candidate.configuration.quality_baseline)) criteria.push_back(std::move(criterion));
  for (auto& criterion : audit(run, candidate)) criteria.push_back(at_level(std::move(criterion), levels.audits));
  return criteria;
}

std::vector<Criterion> judge_bit_equality(const store::RunRecord& run, const store::ConfigurationRecord& candidate) {
  const auto* baseline = find_configuration(run, candidate.configuration.quality_baseline);
  const bool comparable = baseline && baseline->configuration.guidance == candidate.configuration.guidance;
  if (candidate.kind != OptimizationClass::exact || !comparable) return {};
  std::size_t pairs = 0, equal = 0;
  const auto references = by_clip(*baseline);
  for (const auto& [clip, cell] : by_clip(candidate)) {
    const auto reference = references.find(clip);
    if (reference == references.end() || cell->clip_hash.empty() || reference->second->clip_hash.empty()) continue;
    ++pairs;
    if (cell->clip_hash == reference->second->clip_hash) ++equal;
  }
  if (pairs == 0) return {};
  const double share = static_cast<double>(equal) / static_cast<double>(pairs);
  return {{.name = "bit_equal_share",
           .outcome = equal == pairs ? Outcome::held : Outcome::failed,
           .reason = equal == pairs ? "within_bound" : "not_bit_equal: its optimisations are declared exact",
           .value = share,
           .bound = 1.0,
           .margin = share - 1.0,
           .n = pairs}};
}

Criterion judge_artifacts(const store::ConfigurationRecord& candidate, double bound, Outcome beyond) {
  Criterion criterion{.name = "artifact_share", .bound = bound};
  std::size_t with_artifact = 0;
  for (const auto& cell : candidate.cells) {
    if (cell.scores.artifacts.empty()) continue;
    ++criterion.n;
    if (has_artifact(cell)) ++with_artifact;
  }
  if (criterion.n == 0) {
    criterion.reason = "no_detectors: no clip was looked at by a detector";
    return criterion;
  }
  criterion.value = static_cast<double>(with_artifact) / static_cast<double>(criterion.n);
  criterion.margin = bound - *criterion.value;
  const measure::Interval share = measure::clopper_pearson(with_artifact, criterion.n);
  criterion.low = share.low;
  criterion.high = share.high;
  criterion.outcome = *criterion.margin >= 0 ? Outcome::held : beyond;
  criterion.reason = *criterion.margin >= 0 ? "within_bound" : "over_bound";
  return criterion;
}

}  // namespace wan::gate
