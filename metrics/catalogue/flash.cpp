// One or two frames whose brightness or colour jumps and comes back. A frame is compared with the median of the five around it in its own
// clip; the reference may have such a jump a frame earlier or later, as a cut has, and then the candidate may have it too.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "metrics/clip_profile.h"
#include "metrics/metric.h"

namespace wan::metrics {
namespace {

// How far each frame is from its surroundings, the largest of luma and chroma.
std::vector<double> jumps(const ClipProfile& profile) {
  std::vector<double> result(profile.luma.size());
  for (const auto* series : {&profile.luma, &profile.cb, &profile.cr}) {
    const auto away = difference(*series, moving_median(*series, 2));
    for (std::size_t i = 0; i < away.size(); ++i) result[i] = std::max(result[i], std::abs(away[i]));
  }
  return result;
}

QualityScores judge(const Statistics& statistics, const Format&, const Parameters& parameters) {
  const double level = get_number(parameters, "level");
  const auto profiles = profiles_of(statistics);
  const auto reference = jumps(profiles.reference), candidate = jumps(profiles.candidate);
  ArtifactFinding finding{.detector = "flash"};
  double largest = 0;
  for (std::size_t i = 0; i < candidate.size(); ++i) {
    double allowed = level;
    for (std::size_t near = i > 0 ? i - 1 : 0; near < std::min(i + 2, reference.size()); ++near)
      allowed = std::max(allowed, level + reference[near]);
    if (candidate[i] <= allowed) continue;
    finding.frames.push_back(static_cast<std::int64_t>(i));
    largest = std::max(largest, candidate[i]);
  }
  finding.fired = !finding.frames.empty();
  if (finding.fired)
    finding.detail = fmt::format("{} of {} frames jump by up to {:.3g} levels", finding.frames.size(), candidate.size(), largest);
  return {.artifacts = {std::move(finding)}};
}

}  // namespace

extern const Metric flash;
const Metric flash{
    .info = {.id = "flash",
             .summary = "fires on single frames whose brightness or colour jumps",
             .parameters = {{.name = "level",
                             .help = "largest jump beyond the reference's, in levels of 255",
                             .default_value = 6.0,
                             .minimum = 0.5,
                             .maximum = 255.0}},
             .detector = true},
    .judge = judge,
};

}  // namespace wan::metrics
