#include "harness/run/costs.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "harness/measure/statistics.h"
#include "harness/store/result_store.h"

namespace wan::run {
namespace {

constexpr std::size_t kRunsToRead = 10;  // a record is megabytes at the most; older runs tell of older builds

// Shards do not count: one that ends would change the assignment of those that are still to start.
bool matches(const store::RunRecord& run, const store::RunRecord& planned) {
  return run.complete && run.shard.empty() && run.model == planned.model && run.environment.device == planned.environment.device &&
         run.environment.device_name == planned.environment.device_name && run.shape == planned.shape;
}

// Wall time of a run over the time of its loads, clips and timed steps: scoring, storing, warm-ups. Nothing for a run that was resumed.
std::optional<double> surcharge(const store::RunRecord& run) {
  double known_s = 0;
  for (const auto& configuration : run.configurations) {
    known_s += configuration.load_s;
    for (const auto& cell : configuration.cells) {
      if (cell.status == store::CellStatus::done && !cell.timed) return std::nullopt;
      known_s += cell.elapsed_s;
    }
  }
  for (const auto& visit : run.visits)
    if (visit.steps) known_s = std::accumulate(visit.steps->run_s.begin(), visit.steps->run_s.end(), known_s);
  std::set<std::string> devices;  // beside each other
  for (const auto& visit : run.visits) devices.insert(visit.device);
  const double spent_s = run.elapsed_s * static_cast<double>(std::max<std::size_t>(1, devices.size()));
  if (known_s <= 0 || spent_s < known_s) return std::nullopt;
  return spent_s / known_s;
}

void add(plan::Costs& costs, const store::ConfigurationRecord& configuration, double factor) {
  std::vector<double> clip_s;
  for (const auto& cell : configuration.cells)
    if (cell.timed) clip_s.push_back(cell.elapsed_s);
  if (clip_s.empty()) return;
  const std::string& id = configuration.configuration.id;
  costs.clip_s.emplace(id, factor * measure::median(clip_s));  // the latest run comes first and stays
  costs.load_s.emplace(id, factor * configuration.load_s);
}

void add_steps(plan::Costs& costs, const store::RunRecord& run, const std::string& id, double factor) {
  std::vector<double> run_s;
  for (const auto& visit : run.visits)
    if (visit.configuration == id && visit.steps) run_s.insert(run_s.end(), visit.steps->run_s.begin(), visit.steps->run_s.end());
  if (!run_s.empty()) costs.steps_s.emplace(id, factor * measure::median(run_s));
}

bool covers(const plan::Costs& costs, const store::RunRecord& planned) {
  return std::all_of(planned.configurations.begin(), planned.configurations.end(),
                     [&](const auto& configuration) { return costs.clip_s.contains(configuration.configuration.id); });
}

// The whole run is read only where run.json says that it is of use.
void add_run(plan::Costs& costs, const std::filesystem::path& folder, const store::RunRecord& planned) {
  if (!matches(store::read_run_header(folder), planned)) return;
  const store::RunRecord run = store::read_run(folder);
  const auto factor = surcharge(run);
  if (!factor) return;
  for (const auto& configuration : run.configurations) {
    add(costs, configuration, *factor);
    if (run.steps_a_visit == planned.steps_a_visit) add_steps(costs, run, configuration.configuration.id, *factor);
  }
}

}  // namespace

plan::Costs recorded_costs(const std::filesystem::path& root, const store::RunRecord& planned) {
  std::vector<std::filesystem::path> folders = store::list_run_folders(root);
  if (folders.size() > kRunsToRead) folders.resize(kRunsToRead);
  plan::Costs costs;
  for (const auto& folder : folders) {
    try {
      add_run(costs, folder, planned);
    } catch (const UsageError&) {
    } catch (const store::TamperError&) {
    }
    if (covers(costs, planned)) break;
  }
  return costs;
}

}  // namespace wan::run
