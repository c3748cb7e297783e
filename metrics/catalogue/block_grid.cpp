// Edges of the blocks that models and codecs work in, 8 and 16 pixels (Wan's patch times the stride of its VAE), where the reference has
// none.
#include <array>

#include "metrics/block_edges.h"
#include "metrics/metric.h"

namespace wan::metrics {
namespace {

constexpr std::array<std::int64_t, 2> kPitches{8, 16};

QualityScores judge(const Statistics& statistics, const Format&, const Parameters& parameters) {
  return {.artifacts = {judge_grid("block_grid", statistics, kPitches, get_number(parameters, "level"))}};
}

}  // namespace

extern const Metric block_grid;
const Metric block_grid{
    .info = {.id = "block_grid",
             .summary = "fires on edges every 8 or 16 pixels that the reference does not have",
             .parameters = {{.name = "level",
                             .help = "strength beyond the reference's, in levels of 255",
                             .default_value = 0.5,
                             .minimum = 0.05,
                             .maximum = 255.0}},
             .detector = true},
    .judge = judge,
};

}  // namespace wan::metrics
