#include "harness/gate/noise_floor.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "harness/gate/quality_gate.h"
#include "harness/measure/non_inferiority.h"

namespace wan::gate {
namespace {

bool holds(const store::FloorDistance& floor, const std::string& prompt) {
  return std::any_of(floor.prompts.begin(), floor.prompts.end(), [&](const auto& one) { return one.prompt == prompt; });
}

}  // namespace

const std::array<Distance, 3> kDistances{{{kLpips, kLpips, false}, {"1-ssim.ipol", kSsim, true}, {kMse, kMse, false}}};

ClipValues distances(const store::ConfigurationRecord& configuration, const Distance& distance) {
  ClipValues values = clip_values(configuration, distance.score);
  if (distance.complement)
    for (auto& [clip, value] : values.values) value = 1.0 - value;
  return values;
}

std::vector<store::FloorDistance> floor_distances(const std::vector<const store::ConfigurationRecord*>& nights) {
  std::vector<store::FloorDistance> floors;
  for (const Distance& distance : kDistances) {
    std::map<std::string, std::vector<double>> prompts;
    for (const auto* night : nights)
      for (const auto& [clip, value] : distances(*night, distance).values)
        prompts[clip.first].push_back(measure::loss(measure::LossScale::log, std::max(value, 0.0)));
    store::FloorDistance floor{.name = distance.name};
    for (const auto& [prompt, logs] : prompts)
      floor.prompts.push_back(
          {.prompt = prompt, .log_distance = std::accumulate(logs.begin(), logs.end(), 0.0) / static_cast<double>(logs.size())});
    if (!floor.prompts.empty()) floors.push_back(std::move(floor));
  }
  return floors;
}

const store::PromotedFloor* promoted_floor(const store::RunRecord& run, const store::ConfigurationRecord& candidate) {
  for (const auto& floor : run.promoted_floors) {
    if (floor.configuration != candidate.configuration.noise_floor) continue;
    const bool is_whole = std::all_of(candidate.cells.begin(), candidate.cells.end(), [&](const store::Cell& cell) {
      return std::all_of(floor.distances.begin(), floor.distances.end(), [&](const auto& one) { return holds(one, cell.prompt); });
    });
    if (is_whole && floor.distances.size() == kDistances.size()) return &floor;
  }
  return nullptr;
}

}  // namespace wan::gate
