#include "harness/gate/claim_evidence.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/gate/quality_gate.h"
#include "harness/gate/suite_scores.h"
#include "harness/gate/visit_times.h"
#include "harness/measure/hodges_lehmann.h"
#include "harness/measure/statistics.h"

namespace wan::gate {
namespace {

using plan::Claim;
using store::ConfigurationRecord;
using store::RunRecord;

// Where a claim is looked for.
struct Where {
  const RunRecord& run;
  const ConfigurationRecord& record;
  const Verdict& verdict;
};

Criterion without_value(std::string reason, Outcome outcome = Outcome::not_measured) {
  return {.name = {}, .outcome = outcome, .reason = std::move(reason)};
}

const Criterion* find_criterion(const GateResult& gate, const std::string& name) {
  for (const auto& criterion : gate.criteria)
    if (criterion.name == name) return &criterion;
  return nullptr;
}

Criterion speedup(const Claim& claim, const Where& where) {
  const std::string& baseline = where.record.configuration.speed_baseline;
  if (claim.part != "clip") return without_value(fmt::format("not_timed: {} is not timed by itself", claim.part));
  if (!claim.over.empty() && claim.over != baseline)
    return without_value(fmt::format("another_baseline: claimed over {}, timed over {}", claim.over, baseline));
  const GateResult& speed = where.verdict.speed;
  const Criterion* ratio = find_criterion(speed, "speedup");
  if (speed.outcome == Outcome::not_claimed || speed.outcome == Outcome::invalid || !ratio || !ratio->value)
    return without_value(speed.reason, speed.outcome);
  return {.name = {}, .value = ratio->value, .low = ratio->low, .high = ratio->high, .n = ratio->n};
}

Criterion ssim(const Where& where) {
  const Criterion* criterion = find_criterion(where.verdict.quality_roadmap, kSsim);
  if (!criterion || !criterion->value) return without_value("no_score: the run has no SSIM of it");
  return {.name = {}, .value = criterion->value, .low = criterion->low, .high = criterion->high, .n = criterion->n};
}

Criterion weight_share(const Claim& claim, const Where& where) {
  if (claim.part != "weights") return without_value(fmt::format("not_measured: the share of {} is not measured", claim.part));
  const auto* baseline = find_configuration(where.run, where.record.configuration.quality_baseline);
  if (!baseline || baseline->weight_bytes == 0 || where.record.weight_bytes == 0)
    return without_value("no_bytes: the bytes of the weights were not recorded");
  const double share = static_cast<double>(where.record.weight_bytes) / static_cast<double>(baseline->weight_bytes);
  return {.name = {}, .value = share, .low = share, .high = share, .n = 1};
}

// Why an absolute figure of this run says nothing of the roadmap's case; empty if it does.
std::string another_case(const RunRecord& run) {
  const bool its_card = run.environment.device_name.find("H200") != std::string::npos;
  const bool its_size = run.shape.width == 1280 && run.shape.height == 720 && run.shape.frames == 81;
  if (its_card && its_size && run.model_task == "t2v-A14B" && run.model != "wan-tiny") return {};
  return "another_case: stated for the 14B pair at 1280x720, 81 frames on an H200";
}

// The centre of times and its exact interval.
Criterion centre(const std::vector<double>& seconds) {
  if (seconds.empty()) return without_value("no_time: no valid visit of it was timed");
  const auto estimate = measure::hodges_lehmann(seconds);
  Criterion criterion{.name = {}, .value = estimate.estimate, .n = estimate.n};
  if (estimate.interval) {
    criterion.low = estimate.interval->low;
    criterion.high = estimate.interval->high;
  }
  return criterion;
}

std::vector<double> step_medians(const ConfigurationRecord& record) {
  std::vector<double> medians;
  for (const auto& cell : record.cells)
    if (cell.timed && !cell.stages.step_s.empty()) medians.push_back(measure::median(cell.stages.step_s));
  return medians;
}

Criterion peak_gib(const ConfigurationRecord& record) {
  std::int64_t peak = 0;
  for (const auto& cell : record.cells) peak = std::max(peak, cell.peak_bytes);
  if (peak == 0) return without_value("no_bytes: peaks of memory were not recorded");
  const double gib = static_cast<double>(peak) / (1024.0 * 1024 * 1024);
  return {.name = {}, .value = gib, .low = gib, .high = gib, .n = record.cells.size()};
}

Criterion absolute(const Claim& claim, const Where& where) {
  if (std::string why = another_case(where.run); !why.empty()) return without_value(std::move(why));
  if (claim.figure == "seconds_per_step") return centre(step_medians(where.record));
  if (claim.figure == "memory_gib") return peak_gib(where.record);
  if (claim.figure == "seconds_per_clip") {
    if (where.run.shape.steps != 40)
      return without_value(fmt::format("another_case: stated for 40 steps, made with {}", where.run.shape.steps));
    return centre(whole_clip_s(where.run, where.record.configuration.id));
  }
  return without_value(fmt::format("not_measured: {} is not part of a record", claim.figure));
}

Criterion measure(const Claim& claim, const Where& where) {
  if (claim.figure == "speedup") return speedup(claim, where);
  if (claim.figure == "ssim") return ssim(where);
  if (claim.figure == "share") return weight_share(claim, where);
  if (claim.figure == "throughput") return without_value("not_measured: this version measures no throughput");
  return absolute(claim, where);
}

void decide(Criterion& measured, const Claim& claim) {
  measured.name = claim.figure;
  measured.bound = plan::least_promised(claim);
  if (!measured.value) return;
  if (!measured.low || !measured.high) {
    measured.outcome = Outcome::inconclusive;
    measured.reason = "no_interval: too few values for an interval";
    return;
  }
  const bool more = plan::figure_of(claim).more_is_better;
  const double bad = more ? *measured.low : *measured.high, good = more ? *measured.high : *measured.low;
  const auto reaches = [&](double value) { return more ? value >= *measured.bound : value <= *measured.bound; };
  measured.margin = more ? bad - *measured.bound : *measured.bound - bad;
  measured.outcome = reaches(bad) ? Outcome::held : reaches(good) ? Outcome::inconclusive : Outcome::failed;
  measured.reason = reaches(bad) ? "as_claimed" : reaches(good) ? "within_noise: the interval holds the claim" : "claim_missed";
}

}  // namespace

std::vector<ClaimEvidence> weigh_claims(const RunRecord& run, std::span<const Verdict> verdicts, std::span<const Claim> claims) {
  std::vector<ClaimEvidence> all;
  for (const Claim& claim : claims) {
    ClaimEvidence evidence{.claim = claim, .measured = without_value("not_in_run: its configuration is not part of this run")};
    const std::string subject = plan::subject_of(claim);
    const auto* record = find_configuration(run, subject);
    const auto verdict = std::find_if(verdicts.begin(), verdicts.end(), [&](const Verdict& one) { return one.configuration == subject; });
    if (record && verdict != verdicts.end()) {
      evidence.in_run = true;
      evidence.measured = measure(claim, {.run = run, .record = *record, .verdict = *verdict});
    }
    decide(evidence.measured, claim);
    all.push_back(std::move(evidence));
  }
  return all;
}

}  // namespace wan::gate
