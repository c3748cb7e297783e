// A span of frames that stand still in the candidate while the reference moves. A step between two frames stands still if their mean
// absolute difference is at most `motion` (FFmpeg's freezedetect: 0.001 of the range). It counts only if the reference moves in that very
// step: more than the limit and more than four times as much. `span` such steps in a row fire; the default is one latent frame, from which
// Wan's decoder makes four: a repeated latent is the shortest freeze that a cache or a scheduler bug gives.
#include <fmt/format.h>

#include "metrics/clip_profile.h"
#include "metrics/metric.h"

namespace wan::metrics {
namespace {

constexpr double kReferenceRatio = 4;

QualityScores judge(const Statistics& statistics, const Format&, const Parameters& parameters) {
  const double motion = get_number(parameters, "motion");
  const std::int64_t span = get_int(parameters, "span");
  const auto reference = profile_of(statistics.reference, statistics.height, statistics.width).step;
  const auto candidate = profile_of(statistics.candidate, statistics.height, statistics.width).step;
  ArtifactFinding finding{.detector = "frozen"};
  std::vector<std::int64_t> open;  // the current span: frames that repeat the one before them
  std::int64_t still = 0, longest = 0;
  const auto close_span = [&] {
    const auto length = static_cast<std::int64_t>(open.size());
    longest = std::max(longest, length);
    if (length >= span) finding.frames.insert(finding.frames.end(), open.begin(), open.end());
    open.clear();
  };
  for (std::size_t i = 0; i < candidate.size(); ++i) {
    if (candidate[i] <= motion && reference[i] > motion && reference[i] > kReferenceRatio * candidate[i]) {
      open.push_back(static_cast<std::int64_t>(i) + 1);
      ++still;
    } else {
      close_span();
    }
  }
  close_span();
  finding.fired = !finding.frames.empty();
  if (still > 0)
    finding.detail = fmt::format("{} steps stand still where the reference moves, longest span {}, limit {}", still, longest, span);
  return {.artifacts = {std::move(finding)}};
}

}  // namespace

extern const Metric frozen;
const Metric frozen{
    .info = {.id = "frozen",
             .summary = "fires on spans of frames that stand still while the reference moves",
             .parameters = {{.name = "motion",
                             .help = "largest mean absolute difference of a still step, in levels of 255",
                             .default_value = 0.255,
                             .minimum = 0.0,
                             .maximum = 16.0},
                            {.name = "span",
                             .help = "still steps in a row that fire",
                             .default_value = std::int64_t{4},
                             .minimum = 1,
                             .maximum = 10000}},
             .detector = true},
    .judge = judge,
};

}  // namespace wan::metrics
