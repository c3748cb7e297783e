#include "harness/gate/visit_times.h"

#include <fmt/format.h>

#include <utility>

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

bool times_steps(const store::RunRecord& run) { return run.steps_a_visit > 0; }

const char* time_figure(const store::RunRecord& run) { return times_steps(run) ? "loop_s" : "clip_s"; }

const char* speedup_figure(const store::RunRecord& run) { return times_steps(run) ? "loop_speedup" : "speedup"; }

std::string timed_text(const store::RunRecord& run) {
  return times_steps(run) ? fmt::format("{} denoising step{} of each expert", run.steps_a_visit, run.steps_a_visit == 1 ? "" : "s")
                          : "whole clips";
}

std::optional<double> predicted_loop_s(const store::TimedSteps& steps) {
  double loop_s = 0;
  for (const auto& [count, step_s] :
       {std::pair{steps.clip_high_noise_steps, &steps.high_noise_step_s}, std::pair{steps.clip_low_noise_steps, &steps.low_noise_step_s}}) {
    if (count == 0) continue;
    if (step_s->empty()) return std::nullopt;
    loop_s += static_cast<double>(count) * measure::median(*step_s);
  }
  return loop_s > 0 ? std::optional(loop_s) : std::nullopt;
}

std::optional<double> visit_s(const store::Visit& visit) {
  if (visit.steps) return predicted_loop_s(*visit.steps);
  return visit.clip_s.empty() ? std::nullopt : std::optional(measure::median(visit.clip_s));
}

std::vector<double> valid_visit_s(const store::RunRecord& run, const std::string& id) {
  const auto disturbed = void_blocks(run);
  std::vector<double> times;
  for (const auto& [block, visit] : visits_of(run, id))
    if (const auto seconds = visit_s(*visit); seconds && visit->void_reason.empty() && !disturbed.contains(block))
      times.push_back(*seconds);
  return times;
}

std::vector<double> whole_clip_s(const store::RunRecord& run, const std::string& id) {
  if (!times_steps(run)) return valid_visit_s(run, id);
  std::vector<double> times;
  for (const auto& record : run.configurations)
    if (record.configuration.id == id)
      for (const auto& cell : record.cells)
        if (cell.timed && cell.status == store::CellStatus::done) times.push_back(cell.elapsed_s);
  return times;
}

}  // namespace wan::gate
