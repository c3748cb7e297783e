// A span of frames that stand still in the candidate while the reference moves, by the limits of repeated_frames(). `span` such steps in a
// row fire; the default is one latent frame, from which Wan's decoder makes four: a repeated latent is the shortest freeze that a cache or
// a scheduler bug gives.
#include <fmt/format.h>

#include <algorithm>

#include "metrics/clip_profile.h"
#include "metrics/metric.h"

namespace wan::metrics {
namespace {

QualityScores judge(const Statistics& statistics, const Format&, const Parameters& parameters) {
  const std::int64_t span = get_int(parameters, "span");
  const auto repeated = repeated_frames(profiles_of(statistics), get_number(parameters, "motion"));
  ArtifactFinding finding{.detector = "frozen"};
  std::int64_t longest = 0;
  for (std::size_t first = 0, end = 0; first < repeated.size(); first = end) {
    end = first + 1;
    while (end < repeated.size() && repeated[end] == repeated[end - 1] + 1) ++end;
    const auto length = static_cast<std::int64_t>(end - first);
    longest = std::max(longest, length);
    if (length < span) continue;
    const auto run = repeated.begin() + static_cast<std::ptrdiff_t>(first);
    finding.frames.insert(finding.frames.end(), run, run + length);
  }
  finding.fired = !finding.frames.empty();
  if (!repeated.empty())
    finding.detail =
        fmt::format("{} steps stand still where the reference moves, longest span {}, limit {}", repeated.size(), longest, span);
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
