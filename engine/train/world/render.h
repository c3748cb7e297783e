// A scene as a clip: anti-aliased, shaded, with mild noise. Where things stand exactly is chosen by the seed, so that nothing leaves the
// picture and what the caption says can be seen.
#pragma once

#include <cstdint>

#include "engine/base/video_clip.h"
#include "engine/train/world/scene.h"

namespace wan::world {

struct Canvas {
  std::int64_t frames = 9, height = 128, width = 128;
  double frames_per_second = 16.0;
};

// The same bytes for the same arguments. Sides of at least 32; one thread.
VideoClip render(const Scene& scene, std::uint64_t seed, const Canvas& canvas = {});

}  // namespace wan::world
