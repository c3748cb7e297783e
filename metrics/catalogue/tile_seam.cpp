// Seams of a decode in tiles, where the reference has none. The pitch is the distance of the tiles' seams in pixels.
#include <array>

#include "metrics/block_edges.h"
#include "metrics/metric.h"

namespace wan::metrics {
namespace {

QualityScores judge(const Statistics& statistics, const Format&, const Parameters& parameters) {
  const std::array<std::int64_t, 1> pitches{get_int(parameters, "pitch")};
  return {.artifacts = {judge_grid("tile_seam", statistics, pitches, get_number(parameters, "level"))}};
}

}  // namespace

extern const Metric tile_seam;
const Metric tile_seam{
    .info = {.id = "tile_seam",
             .summary = "fires on edges at the pitch of the tiles that the reference does not have",
             .parameters = {{.name = "pitch",
                             .help = "distance of the seams, in pixels",
                             .default_value = std::int64_t{32},
                             .minimum = 4,
                             .maximum = 4096},
                            {.name = "level",
                             .help = "strength beyond the reference's, in levels of 255",
                             .default_value = 0.75,
                             .minimum = 0.05,
                             .maximum = 255.0}},
             .detector = true},
    .judge = judge,
};

}  // namespace wan::metrics
