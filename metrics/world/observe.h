// What a clip shows, in the words of the world and found in its pixels alone: the ground, the things and the way of each.
// Lengths are in units of the picture's shorter side, from its middle, y downwards; angles in radians, clockwise as seen.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/train/world/scene.h"
#include "metrics/world/ground.h"
#include "metrics/world/segment.h"
#include "metrics/world/silhouette.h"

namespace wan::metrics::world {

// One thing in one frame.
struct Moment {
  std::int64_t frame = 0;
  float x = 0, y = 0;  // without the movement of a panning camera
  float radius = 0;    // of the shape that it is taken for
  float turn = 0;      // since the thing was first seen
};

struct SeenThing {
  std::optional<wan::world::Colour> colour = {};  // none: like no colour of the world
  std::optional<wan::world::Shape> shape = {};
  wan::world::Texture texture = wan::world::Texture::plain;
  std::vector<Moment> way = {};  // in order of frames
};

struct Observation {
  std::int64_t frames = 0;
  std::vector<SeenThing> things = {};  // as many as are seen in most frames that show any; empty: nothing, or a crowd
  int count = 0;                       // the same number, of a crowd too
  std::int64_t first_seen = 0;         // the first frame that shows a thing
  std::optional<wan::world::Tone> tone = {};
  wan::world::Pattern pattern = wan::world::Pattern::plain;
  float pan = 0;  // how far the ground has moved to the right
};

// A thing in one frame, as it is followed through the frames in which all things are seen apart.
struct Sight {
  std::size_t frame;
  const Blob* blob;
  Silhouette silhouette;
};
using Track = std::vector<Sight>;

// Takes the frames of one clip in order.
class Observer {
 public:
  // `rgb` is [height, width, 3]. Throws UsageError in a build without OpenCV.
  void add(std::span<const std::uint8_t> rgb, std::int64_t height, std::int64_t width);
  Observation finish() const;

 private:
  struct Frame {
    Picture picture;
    Ground ground;
    std::vector<Blob> blobs;
  };
  std::vector<float> look_at_ground(Observation& seen) const;
  void count_things(Observation& seen) const;
  std::vector<Track> follow_things(std::size_t count) const;
  SeenThing describe(const Track& track, const std::vector<float>& shift) const;

  std::vector<Frame> frames_;
};

}  // namespace wan::metrics::world
