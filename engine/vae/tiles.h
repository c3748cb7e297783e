// Where spatial tiles of a decode lie. A tile reads more latents than it keeps: around what it keeps stand as many as the convolutions
// behind the first stage can see, so every kept pixel is computed from the same numbers as without tiles, and neighbours need no blending.
#pragma once

#include <cstdint>
#include <vector>

namespace wan::vae {

struct VaeConfig;

struct Tile {
  std::int64_t start = 0, size = 0;            // latent positions that it reads
  std::int64_t keep_start = 0, keep_size = 0;  // latent positions whose pixels it gives, within the former
  bool operator==(const Tile&) const = default;
};

// Latent positions on either side of a pixel's own that the decoder looks at after its first stage's residual blocks (7 for both Wan VAEs).
std::int64_t tile_margin(const VaeConfig& config);

// The fewest tiles of at most `tile` positions that cover `extent`, about equally large; one if it fits whole. `tile` must exceed 2
// margins.
std::vector<Tile> cut_into_tiles(std::int64_t extent, std::int64_t tile, std::int64_t margin);

}  // namespace wan::vae
