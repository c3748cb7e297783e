#include "harness/run/settlement.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace wan::run {
namespace {

bool is_driven(const store::Cell& cell) {
  return std::any_of(cell.scores.scores.begin(), cell.scores.scores.end(),
                     [](const auto& score) { return score.metric.starts_with("teacher_forced"); });
}

}  // namespace

bool has_outcome(const store::Cell& cell) { return cell.status != store::CellStatus::interrupted; }

Settlement::Settlement(Parts parts)
    : parts_(std::move(parts)), clips_(parts_.folder.path()), scoring_(parts_.plan.metrics, parts_.data_dir) {}

void Settlement::add(CellIndex index, const VideoClip& clip) {
  if (!score(index, clip)) unscored_.insert(index);
  if (wants_to_be_driven(index)) undriven_.insert(index);
}

void Settlement::adopt(CellIndex index) {
  if (parts_.cells[index]->scores.scores.empty()) unscored_.insert(index);
  if (wants_to_be_driven(index) && !is_driven(*parts_.cells[index])) undriven_.insert(index);
}

void Settlement::score_waiting() {
  std::erase_if(unscored_, [this](CellIndex index) {
    if (!score(index)) return false;
    parts_.folder.append(*parts_.cells[index]);
    return true;
  });
}

std::vector<Settlement::CellIndex> Settlement::drivable(std::size_t configuration) const {
  std::vector<CellIndex> found;
  std::copy_if(undriven_.begin(), undriven_.end(), std::back_inserter(found), [&](CellIndex index) {
    return configuration_of(index) == configuration && std::filesystem::exists(trajectory_file(*reference_of(index)));
  });
  return found;
}

std::vector<Settlement::CellIndex> Settlement::overdue() const {
  std::vector<CellIndex> found;
  std::copy_if(undriven_.begin(), undriven_.end(), std::back_inserter(found),
               [&](CellIndex index) { return has_outcome(*reference_of(index)); });
  return found;
}

void Settlement::driven(CellIndex index) {
  parts_.folder.append(*parts_.cells[index]);
  undriven_.erase(index);
}

// False while its baseline's clip is still to come; nothing is read before.
bool Settlement::score(CellIndex index) {
  if (const store::Cell* reference = reference_of(index); reference && !has_outcome(*reference)) return false;
  const auto clip = clips_.find(*parts_.cells[index]);
  return !clip || score(index, *clip);
}

bool Settlement::score(CellIndex index, const VideoClip& clip) {
  store::Cell& cell = *parts_.cells[index];
  const std::string& prompt = parts_.plan.prompts[parts_.plan.cells[index].prompt].text;
  const store::Cell* reference = reference_of(index);
  if (!reference) {
    cell.scores = scoring_.score_alone(clip, prompt);
    return true;
  }
  if (!has_outcome(*reference)) return false;
  const auto reference_clip = clips_.find(*reference);
  if (!reference_clip) return true;
  cell.scores = scoring_.score({.reference = *reference_clip, .reference_hash = reference->clip_hash, .candidate = clip, .prompt = prompt});
  return true;
}

bool Settlement::wants_to_be_driven(CellIndex index) const { return parts_.plan.cells[index].teacher_forced && reference_of(index); }

bool Settlement::keeps_trajectory(CellIndex index) const {
  const plan::Configuration& configuration = parts_.plan.configurations[configuration_of(index)].configuration;
  return parts_.plan.cells[index].teacher_forced && configuration.quality_baseline == configuration.id;
}

std::filesystem::path Settlement::trajectory_file(const store::Cell& baseline) const {
  return parts_.folder.path() / "trajectories" / (baseline.key + ".safetensors");
}

const store::Cell* Settlement::reference_of(CellIndex index) const {
  const store::Cell& cell = *parts_.cells[index];
  const auto& configurations = parts_.record.configurations;
  const auto find = [&](const std::string& id) {
    return std::find_if(configurations.begin(), configurations.end(), [&](const auto& one) { return one.configuration.id == id; });
  };
  const std::string& baseline = find(cell.configuration)->configuration.quality_baseline;
  const auto record = find(baseline);
  if (record == configurations.end() || baseline == cell.configuration) return nullptr;
  for (const auto& candidate : record->cells)
    if (candidate.prompt == cell.prompt && candidate.seed == cell.seed) return &candidate;
  return nullptr;
}

}  // namespace wan::run
