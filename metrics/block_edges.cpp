#include "metrics/block_edges.h"

#include <fmt/format.h>

#include <algorithm>

#include "metrics/clip_profile.h"

namespace wan::metrics {
namespace {

constexpr double kLostWeight = 2;  // a seam takes a quarter of its own height from the relief beside it, a moved edge all of it
constexpr std::size_t kNear = 3;   // pixels by which a pattern may have moved

// Mean difference of neighbours at each place of one direction, levels.
std::vector<double> mean_edges(std::span<const FrameStatistics> frames, std::int64_t height, std::int64_t width, bool vertical) {
  std::vector<double> edges(static_cast<std::size_t>((vertical ? width : height) - 1));
  for (const FrameStatistics& frame : frames) {
    const auto& sums = vertical ? frame.column_edges : frame.row_edges;
    for (std::size_t i = 0; i < edges.size(); ++i) edges[i] += sums[i];
  }
  const double count = static_cast<double>(frames.size()) * static_cast<double>(vertical ? height : width);
  for (double& edge : edges) edge /= count;
  return edges;
}

// How far each place stands out of those one and two away.
std::vector<double> relief(const std::vector<double>& edges) {
  std::vector<double> result(edges.size());
  for (std::size_t i = 2; i + 2 < edges.size(); ++i) result[i] = edges[i] - (edges[i - 2] + edges[i - 1] + edges[i + 1] + edges[i + 2]) / 4;
  return result;
}

// How far each place stands out more than in the reference, less what a place near it stands out less: an edge that has moved is no new
// one.
std::vector<double> excess(const Statistics& statistics, bool vertical) {
  const auto gain = difference(relief(mean_edges(statistics.candidate, statistics.height, statistics.width, vertical)),
                               relief(mean_edges(statistics.reference, statistics.height, statistics.width, vertical)));
  std::vector<double> result(gain.size());
  for (std::size_t i = 0; i < gain.size(); ++i) {
    const std::size_t from = i > kNear ? i - kNear : 0, to = std::min(i + kNear + 1, gain.size());
    double lost = 0;
    for (std::size_t j = from; j < to; ++j) lost = std::max(lost, -gain[j]);
    result[i] = gain[i] - kLostWeight * lost;
  }
  return result;
}

// Values at the lines of one phase; lines too near an end for a relief do not count.
std::vector<double> lines(const std::vector<double>& values, std::int64_t pitch, std::int64_t phase) {
  std::vector<double> result;
  for (auto i = phase; i + 2 < static_cast<std::int64_t>(values.size()); i += pitch)
    if (i >= 2) result.push_back(values[static_cast<std::size_t>(i)]);
  return result;
}

double strength(const std::vector<double>& values, std::int64_t pitch, std::int64_t phase) {
  const auto on = lines(values, pitch, phase), between = lines(values, pitch, (phase + pitch / 2) % pitch);
  if (on.size() < 2) return 0;
  return median(on) - std::max(0.0, median(between));
}

}  // namespace

GridEdge strongest_new_grid(const Statistics& statistics, std::int64_t pitch) {
  GridEdge best;
  for (const bool vertical : {true, false}) {
    const auto values = excess(statistics, vertical);
    for (std::int64_t phase = 0; phase < pitch; ++phase)
      if (const double found = strength(values, pitch, phase); found > best.strength) best = {found, phase, vertical};
  }
  return best;
}

ArtifactFinding judge_grid(const std::string& detector, const Statistics& statistics, std::span<const std::int64_t> pitches, double level) {
  ArtifactFinding finding{.detector = detector};
  double most = level;
  for (const std::int64_t pitch : pitches) {
    const GridEdge grid = strongest_new_grid(statistics, pitch);
    if (grid.strength <= most) continue;
    most = grid.strength;
    finding.fired = true;
    finding.detail = fmt::format("{} edges every {} pixels from {} on, {:.3g} levels stronger than in the reference",
                                 grid.vertical ? "vertical" : "horizontal", pitch, grid.phase + 1, most);
  }
  if (finding.fired)
    for (std::int64_t i = 0; i < statistics.frames(); ++i) finding.frames.push_back(i);
  return finding;
}

}  // namespace wan::metrics
