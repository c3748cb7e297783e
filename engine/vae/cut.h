// How a decode is cut up: in time (bit-equal to the whole in float32 on the CPU) and in tiles (tiles.h).
#pragma once

#include <cstdint>

namespace wan::vae {

constexpr std::int64_t kWholeSequence = 0;
constexpr std::int64_t kWholePicture = 0;

struct Cut {
  std::int64_t chunk_latent_frames = kWholeSequence;
  std::int64_t tile = kWholePicture;  // side, latent positions; more than 2 * tile_margin
};

}  // namespace wan::vae
