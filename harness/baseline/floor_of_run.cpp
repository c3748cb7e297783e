#include "harness/baseline/floor_of_run.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/store/record_text.h"

namespace wan::baseline {
namespace {

// Ids of the run's prompts that some distance of the floor lacks.
std::vector<std::string> lacking(const Floor& floor, const store::RunRecord& planned) {
  std::vector<std::string> prompts;
  for (const auto& prompt : planned.prompts) {
    const bool everywhere = std::all_of(floor.distances.begin(), floor.distances.end(), [&](const store::FloorDistance& distance) {
      return std::any_of(distance.prompts.begin(), distance.prompts.end(), [&](const auto& one) { return one.prompt == prompt.id; });
    });
    if (!everywhere) prompts.push_back(prompt.id);
  }
  return prompts;
}

}  // namespace

FloorsOfRun floors_of_run(const Baseline& promoted, const store::RunRecord& planned) {
  FloorsOfRun found;
  std::vector<std::string> mismatches;
  const auto same = [&](const char* what, const std::string& of_baseline, const std::string& of_run) {
    if (of_baseline != of_run) mismatches.push_back(fmt::format("{} {} there, {} here", what, of_baseline, of_run));
  };
  same("machine class", promoted.machine_class, store::machine_class(planned.environment));
  same("model", promoted.model, planned.model);
  same("suite", promoted.suite, planned.suite_id);
  same("shape", promoted.shape, store::shape_text(planned.shape));
  if (mismatches.empty()) {
    for (const Floor& floor : promoted.floors) {
      if (floor.distances.empty()) continue;
      if (const auto prompts = lacking(floor, planned); !prompts.empty()) {
        mismatches.push_back(fmt::format("{} has no distance of {}", floor.configuration, fmt::join(prompts, ", ")));
        continue;
      }
      found.floors.push_back({.configuration = floor.configuration,
                              .nights = static_cast<std::int64_t>(floor.provenance.run_ids.size()),
                              .date = floor.provenance.date,
                              .weights_hash = floor.provenance.weights_hash,
                              .distances = floor.distances});
    }
    if (found.floors.empty() && mismatches.empty()) mismatches.emplace_back("it was never calibrated");
  }
  if (found.floors.empty()) found.why_none = fmt::format("{}", fmt::join(mismatches, "; "));
  return found;
}

}  // namespace wan::baseline
