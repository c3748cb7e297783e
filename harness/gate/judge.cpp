#include "harness/gate/judge.h"

#include <algorithm>

#include "harness/gate/criterion.h"
#include "harness/gate/quality_gate.h"
#include "harness/gate/speed_gate.h"

namespace wan::gate {
namespace {

bool is_quality_baseline(const store::RunRecord& run, const std::string& id) {
  return std::any_of(run.configurations.begin(), run.configurations.end(),
                     [&](const auto& record) { return record.configuration.quality_baseline == id; });
}

Verdict show(const store::RunRecord& run, const store::ConfigurationRecord& record, const std::string& reason) {
  Verdict verdict{.configuration = record.configuration.id, .judged = false, .speed = judge_speed(run, record)};
  verdict.quality_roadmap = show_figures(record, reason);
  verdict.quality_calibrated = verdict.quality_roadmap;
  return verdict;
}

Verdict judge_one(const store::RunRecord& run, const store::ConfigurationRecord& record) {
  Verdict verdict{.configuration = record.configuration.id,
                  .speed = judge_speed(run, record),
                  .quality_roadmap = judge_roadmap(run, record),
                  .quality_calibrated = judge_calibrated(run, record)};
  const bool calibrated_decides = record.configuration.gate == plan::GateKind::calibrated;
  const Outcome quality = (calibrated_decides ? verdict.quality_calibrated : verdict.quality_roadmap).outcome;
  const bool claims_speed = verdict.speed.outcome != Outcome::not_claimed;
  verdict.overall = claims_speed ? outweighing(verdict.speed.outcome, quality) : quality;
  return verdict;
}

}  // namespace

std::vector<Verdict> judge(const store::RunRecord& run) {
  std::vector<Verdict> verdicts;
  for (const auto& record : run.configurations) {
    Verdict verdict;
    if (is_quality_baseline(run, record.configuration.id)) {
      verdict = show(run, record, "is_baseline: others are judged against it");
    } else if (record.configuration.id == kNoiseFloor) {
      verdict = show(run, record, "is_noise_floor: an equally valid BF16 run that the calibrated gate compares with");
    } else if (!record.judged) {
      verdict = show(run, record, "not_selected: it runs only because others are compared with it");
    } else {
      verdict = judge_one(run, record);
    }
    verdict.deciding_gate = to_string(record.configuration.gate);
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

}  // namespace wan::gate
