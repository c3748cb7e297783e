#include "engine/vae/tiles.h"

#include <algorithm>

#include "engine/base/error.h"
#include "engine/vae/config.h"
#include "engine/vae/layout.h"

namespace wan::vae {

std::int64_t tile_margin(const VaeConfig& config) {
  // Wrong pixels beside a tile's edge: each 3 x 3 convolution adds one, each doubling of the resolution doubles them.
  const HalfLayout decoder = decoder_layout(config);
  std::int64_t wrong = 0, scale = 1;
  for (std::size_t stage = 0; stage < decoder.stages.size(); ++stage) {
    if (stage > 0) wrong += 2 * static_cast<std::int64_t>(decoder.stages[stage].residuals.size());
    if (!decoder.stages[stage].resample) continue;
    wrong = 2 * wrong + 1;
    scale *= 2;
  }
  ++wrong;  // the head's convolution
  return (wrong + scale - 1) / scale;
}

std::vector<Tile> cut_into_tiles(std::int64_t extent, std::int64_t tile, std::int64_t margin) {
  WAN_CHECK(extent > 0 && tile > 2 * margin, "tiles of {} positions with margins of {}", tile, margin);
  if (extent <= tile) return {{.start = 0, .size = extent, .keep_start = 0, .keep_size = extent}};
  const std::int64_t inner = tile - 2 * margin;
  const std::int64_t count = (extent - 2 * margin + inner - 1) / inner;
  const std::int64_t side = (extent + 2 * margin * (count - 1) + count - 1) / count;  // at most `tile`
  const auto border = [&](std::int64_t i) { return i == 0 ? 0 : std::min(extent, i == count ? extent : margin + i * (side - 2 * margin)); };
  std::vector<Tile> tiles;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t from = border(i), to = border(i + 1);
    const std::int64_t start = std::max<std::int64_t>(0, from - margin), end = std::min(extent, to + margin);
    tiles.push_back({.start = start, .size = end - start, .keep_start = from - start, .keep_size = to - from});
  }
  return tiles;
}

}  // namespace wan::vae
