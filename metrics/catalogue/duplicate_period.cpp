// Frames that repeat the one before them at a regular distance, while the reference moves there: a clip of a lower rate than it says, or a
// generator that gives a frame twice. Repeats are those of `frozen`; every `period`th frame is one, and no other.
#include <fmt/format.h>

#include "metrics/clip_profile.h"
#include "metrics/metric.h"

namespace wan::metrics {
namespace {

constexpr std::size_t kLeastRepeats = 3;

QualityScores judge(const Statistics& statistics, const Format&, const Parameters& parameters) {
  const auto repeated = repeated_frames(profiles_of(statistics), get_number(parameters, "motion"));
  ArtifactFinding finding{.detector = "duplicate_period"};
  for (std::int64_t period = 2; period <= get_int(parameters, "longest"); ++period)
    for (std::int64_t first = 1; first <= period; ++first) {
      std::vector<std::int64_t> expected;
      for (std::int64_t frame = first; frame < statistics.frames(); frame += period) expected.push_back(frame);
      if (expected.size() < kLeastRepeats || expected != repeated) continue;
      finding = {.detector = finding.detector,
                 .fired = true,
                 .frames = expected,
                 .detail = fmt::format("every {}th frame from {} on repeats the one before it", period, first)};
    }
  return {.artifacts = {std::move(finding)}};
}

}  // namespace

extern const Metric duplicate_period;
const Metric duplicate_period{
    .info = {.id = "duplicate_period",
             .summary = "fires if frames repeat at a regular distance while the reference moves",
             .parameters = {{.name = "motion",
                             .help = "largest mean absolute difference of a repeated frame, in levels of 255",
                             .default_value = 0.255,
                             .minimum = 0.0,
                             .maximum = 16.0},
                            {.name = "longest",
                             .help = "longest period looked for, in frames",
                             .default_value = std::int64_t{8},
                             .minimum = 2,
                             .maximum = 64}},
             .detector = true},
    .judge = judge,
};

}  // namespace wan::metrics
