#include "harness/gate/suite_scores.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "harness/gate/criterion.h"

namespace wan::gate {
namespace {

bool is_nonfinite(const store::Cell& cell) {
  if (cell.nonfinite > 0 || reason_code(cell.reason) == "nan") return true;
  const auto& artifacts = cell.scores.artifacts;
  return std::any_of(artifacts.begin(), artifacts.end(),
                     [](const auto& finding) { return finding.fired && finding.detector == "nonfinite"; });
}

void count(Coverage& coverage, const store::Cell& cell) {
  const std::string code = reason_code(cell.reason);
  if (cell.status == store::CellStatus::interrupted || code == "cancelled") {
    ++coverage.pending;
    return;
  }
  if (is_nonfinite(cell)) {
    ++coverage.nonfinite;
    return;
  }
  if (cell.status == store::CellStatus::done) {
    ++coverage.done;
    return;
  }
  if (cell.status == store::CellStatus::failed && code == "crash") {
    ++coverage.crashed;
  } else if (cell.status == store::CellStatus::failed && code == "oom") {
    ++coverage.out_of_memory;
  } else {
    ++coverage.unusable;
  }
  if (coverage.first_fault.empty()) coverage.first_fault = fmt::format("prompt {}, seed {}: {}", cell.prompt, cell.seed, cell.reason);
}

}  // namespace

const store::ConfigurationRecord* find_configuration(const store::RunRecord& run, const std::string& id) {
  for (const auto& configuration : run.configurations)
    if (configuration.configuration.id == id) return &configuration;
  return nullptr;
}

std::map<ClipId, const store::Cell*> by_clip(const store::ConfigurationRecord& configuration) {
  std::map<ClipId, const store::Cell*> cells;
  for (const auto& cell : configuration.cells) cells[{cell.prompt, cell.seed}] = &cell;
  return cells;
}

Coverage cover(const store::ConfigurationRecord& configuration) {
  Coverage coverage{.expected = configuration.cells.size()};
  for (const auto& cell : configuration.cells) count(coverage, cell);
  return coverage;
}

ClipValues clip_values(const store::ConfigurationRecord& configuration, const std::string& metric) {
  ClipValues found;
  for (const auto& [clip, cell] : by_clip(configuration)) {
    const metrics::Score* score = cell->scores.find(metric);
    if (!score) continue;
    found.measured = true;
    if (score->error.empty() && !std::isnan(score->pooled.mean)) {
      found.values[clip] = score->pooled.mean;
    } else if (found.error.empty()) {
      found.error =
          fmt::format("prompt {}, seed {}: {}", clip.first, clip.second, score->error.empty() ? "the score is not a number" : score->error);
    }
  }
  return found;
}

double mean_over_clips(const std::map<ClipId, double>& values) {
  if (values.empty()) return 0;
  double sum = 0;
  for (const auto& [clip, value] : values) sum += value;
  return sum / static_cast<double>(values.size());
}

double pooled_psnr_db(const std::map<ClipId, double>& clip_psnr_db) {
  double error = 0;  // mean squared error in units of the squared peak
  for (const auto& [clip, psnr_db] : clip_psnr_db) error += std::pow(10.0, -psnr_db / 10.0);
  if (error == 0) return std::numeric_limits<double>::infinity();
  return -10.0 * std::log10(error / static_cast<double>(clip_psnr_db.size()));
}

bool has_artifact(const store::Cell& cell) {
  const auto& artifacts = cell.scores.artifacts;
  return is_nonfinite(cell) || std::any_of(artifacts.begin(), artifacts.end(), [](const auto& finding) { return finding.fired; });
}

}  // namespace wan::gate
