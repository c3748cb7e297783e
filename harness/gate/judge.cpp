#include "harness/gate/judge.h"

#include <algorithm>

#include "harness/gate/criterion.h"
#include "harness/gate/quality_gate.h"
#include "harness/gate/speed_gate.h"

namespace wan::gate {
namespace {

using plan::Configuration;

bool serves_as(const store::RunRecord& run, const std::string& id, std::string Configuration::*role) {
  return std::any_of(run.configurations.begin(), run.configurations.end(),
                     [&](const auto& record) { return record.configuration.*role == id; });
}

// Why a configuration is not judged; empty if it is. One that is compared with itself can neither pass nor fail.
std::string why_not_judged(const store::RunRecord& run, const store::ConfigurationRecord& record) {
  const std::string& id = record.configuration.id;
  if (record.judged && id != record.configuration.quality_baseline && id != record.configuration.noise_floor) return {};
  if (serves_as(run, id, &Configuration::quality_baseline)) return "is_baseline: others are judged against it";
  if (serves_as(run, id, &Configuration::noise_floor)) return "is_noise_floor: an equally valid run that the calibrated gate compares with";
  return "not_selected: it runs only because others are compared with it";
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
    const std::string why_not = why_not_judged(run, record);
    Verdict verdict = why_not.empty() ? judge_one(run, record) : show(run, record, why_not);
    verdict.deciding_gate = to_string(record.configuration.gate);
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

bool is_judged(const store::RunRecord& run, const store::ConfigurationRecord& record) { return why_not_judged(run, record).empty(); }

std::vector<std::string> open_speeds(const store::RunRecord& run) {
  std::vector<std::string> open;
  for (const auto& record : run.configurations)
    if (is_judged(run, record) && judge_speed(run, record).outcome == Outcome::inconclusive) open.push_back(record.configuration.id);
  return open;
}

}  // namespace wan::gate
