// Spatial tiles in the VAE decoder, blended linearly where they overlap: bounded memory at any size. Convolutions see a tile's border
// instead of the picture, so it is not exact.
#include <ATen/ops/arange.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

#include "engine/base/error.h"
#include "engine/optimization.h"
#include "engine/runtime/tensor.h"

namespace wan::optimizations {
namespace {

// Starts of the tiles along one axis: every `stride`, the last one moved back so that it ends with the axis.
std::vector<std::int64_t> tile_starts(std::int64_t extent, std::int64_t tile, std::int64_t stride) {
  std::vector<std::int64_t> starts;
  for (std::int64_t at = 0;; at += stride) {
    starts.push_back(std::max<std::int64_t>(0, std::min(at, extent - tile)));
    if (at + tile >= extent) return starts;
  }
}

// Weights of one tile's pixels along an axis: rising and falling over `overlap` pixels at inner borders, 1 elsewhere.
at::Tensor ramp(std::int64_t size, std::int64_t overlap, bool rises, bool falls, const at::TensorOptions& options) {
  at::Tensor weight = at::arange(size, options).mul(0).add(1);
  if (overlap == 0) return weight;
  const at::Tensor slope = (at::arange(overlap, options) + 0.5) / static_cast<double>(overlap);
  if (rises) weight.narrow(0, 0, overlap).mul_(slope);
  if (falls) weight.narrow(0, size - overlap, overlap).mul_(slope.flip({0}));
  return weight;
}

using Whole = std::function<at::Tensor(const at::Tensor&)>;

at::Tensor decode_tiled(const at::Tensor& latents, const Whole& whole, std::int64_t tile, std::int64_t stride) {
  const auto h = latents.size(3), w = latents.size(4);
  if (h <= tile && w <= tile) return whole(latents);
  const std::int64_t tile_h = std::min(tile, h), tile_w = std::min(tile, w);
  at::Tensor sum, weights;
  for (const std::int64_t y : tile_starts(h, tile_h, stride))
    for (const std::int64_t x : tile_starts(w, tile_w, stride)) {
      const at::Tensor part = whole(latents.narrow(3, y, tile_h).narrow(4, x, tile_w));  // [B, 3, F, H, W]
      const std::int64_t scale = part.size(3) / tile_h, overlap = (tile - stride) * scale;
      if (!sum.defined()) {
        auto shape = part.sizes().vec();
        shape[3] = h * scale, shape[4] = w * scale;
        sum = at::zeros(shape, part.options());
        weights = at::zeros({shape[3], shape[4]}, part.options());
      }
      const at::Tensor weight = ramp(part.size(3), overlap, y > 0, y + tile_h < h, part.options()).unsqueeze(1) *
                                ramp(part.size(4), overlap, x > 0, x + tile_w < w, part.options());  // [H, W]
      sum.narrow(3, y * scale, part.size(3)).narrow(4, x * scale, part.size(4)).add_(part * weight);
      weights.narrow(0, y * scale, part.size(3)).narrow(1, x * scale, part.size(4)).add_(weight);
    }
  return sum / weights;
}

}  // namespace

extern const Optimization vae_tiling;
const Optimization vae_tiling = {
    .info = {.id = "vae_tiling",
             .summary = "the VAE decodes overlapping spatial tiles, blended linearly: less memory, not exact",
             .kind = OptimizationClass::lossy,
             .parameters = {{.name = "tile",
                             .help = "side of a tile, latent positions",
                             .default_value = std::int64_t{32},
                             .minimum = 4,
                             .maximum = 4096},
                            {.name = "stride",
                             .help = "distance of tiles, latent positions; less than tile",
                             .default_value = std::int64_t{24},
                             .minimum = 2,
                             .maximum = 4096}},
             .seams = {"decode"}},
    .unsupported = [](const ApplyContext&, const Parameters&) -> std::string { return ""; },
    .apply =
        [](const Parameters& parameters, Seams& seams, ApplyContext&) {
          const std::int64_t tile = get_int(parameters, "tile"), stride = get_int(parameters, "stride");
          if (stride >= tile || 2 * stride < tile)
            throw UsageError("vae_tiling: stride must lie in [tile / 2, tile), so that at most two tiles overlap");
          seams.decode = [tile, stride](const at::Tensor& latents, const Whole& whole) {
            return decode_tiled(latents, whole, tile, stride);
          };
        },
};

}  // namespace wan::optimizations
