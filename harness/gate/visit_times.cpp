#include "harness/gate/visit_times.h"

#include <fmt/format.h>

#include "harness/machine/validity.h"
#include "harness/measure/statistics.h"

namespace wan::gate {

std::map<std::int64_t, const store::Visit*> visits_of(const store::RunRecord& run, const std::string& id) {
  std::map<std::int64_t, const store::Visit*> visits;
  for (const auto& visit : run.visits)
    if (visit.configuration == id) visits[visit.block] = &visit;
  return visits;
}

std::map<std::int64_t, std::string> void_blocks(const store::RunRecord& run, std::int64_t end) {
  std::map<std::int64_t, std::vector<machine::ObservedVisit>> blocks;
  std::vector<machine::ObservedVisit> all;
  for (const auto& visit : run.visits) {
    if (!visit.covariates || visit.block >= end) continue;
    all.push_back({.configuration = visit.configuration, .covariates = *visit.covariates});
    blocks[visit.block].push_back(all.back());
  }
  const machine::SmClocks clocks = machine::median_sm_clocks_hz(all);
  std::map<std::int64_t, std::string> reasons;
  for (const auto& [block, visits] : blocks)
    if (const auto found = machine::void_reasons(visits, clocks); !found.empty())
      reasons[block] = fmt::format("{}: {} at {}", to_string(found[0].reason), found[0].detail, found[0].configuration);
  return reasons;
}

std::vector<double> valid_clip_s(const store::RunRecord& run, const std::string& id) {
  const auto disturbed = void_blocks(run);
  std::vector<double> medians;
  for (const auto& [block, visit] : visits_of(run, id))
    if (visit->void_reason.empty() && !visit->clip_s.empty() && !disturbed.contains(block))
      medians.push_back(measure::median(visit->clip_s));
  return medians;
}

}  // namespace wan::gate
