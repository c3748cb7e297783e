// Spatial tiles in the VAE decoder (engine/vae/tiles.h): bounded memory at any size. Each tile carries the margin that the decoder's
// convolutions can see, and what looks at the whole picture is computed of the whole picture, so no seam can show.
#include <fmt/format.h>

#include "engine/base/error.h"
#include "engine/optimization.h"

namespace wan::optimizations {

extern const Optimization vae_tiling;
const Optimization vae_tiling = {
    .info = {.id = "vae_tiling",
             .summary = "the VAE decodes the picture in tiles with the margins that its convolutions see: less memory, more work",
             .kind = OptimizationClass::equivalent,
             .parameters = {{.name = "tile",
                             .help = "largest side of a tile with its margins, latent positions",
                             .default_value = std::int64_t{64},
                             .minimum = 4,
                             .maximum = 4096}},
             .max_relative_l2 = 1e-5},
    .unsupported = [](const ApplyContext&, const Parameters&) -> std::string { return ""; },
    .apply =
        [](const Parameters& parameters, Seams&, ApplyContext& context) {
          const std::int64_t tile = get_int(parameters, "tile"), margin = context.vae_tile_margin;
          if (tile <= 2 * margin)
            throw UsageError(fmt::format(
                "vae_tiling: tile = {} is too small; this VAE sees {} latent positions beyond a pixel's own, so a tile must have "
                "at least {}",
                tile, margin, 2 * margin + 1));
          context.placement.vae_tile = tile;
        },
};

}  // namespace wan::optimizations
