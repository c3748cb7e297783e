#include "metrics/world/observe.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "engine/train/world/appearance.h"
#include "metrics/world/silhouette.h"

namespace wan::metrics::world {
namespace {

using wan::world::Colour;
using wan::world::kShapes;
using wan::world::Pattern;
using wan::world::Shape;
using wan::world::Texture;
using wan::world::Tone;

constexpr std::int64_t kSide = 128;  // larger pictures are brought to this: what the world says is seen there
constexpr std::size_t kCrowd = 4;    // things that are followed
constexpr float kLikeColour = 45;    // distance in L*a*b* beyond which a colour has no name; neighbours are 40 to 60 apart
constexpr float kLikeTone = 25;
constexpr float kLikeShape = 0.6F;  // least overlap
constexpr float kShaded = 20;       // levels from top to bottom; a third of the world's
constexpr float kTextured =
    0.055F;  // variation of the inside that a texture explains; 0.04 is seen in blurred plain things, 0.07 in textured

template <typename Word, std::size_t N>
std::optional<Word> nearest(const std::array<float, 3>& rgb, const std::array<wan::world::Rgb, N>& words, float limit) {
  const auto seen = lab(rgb);
  std::optional<Word> best;
  for (std::size_t i = 0; i < N; ++i) {
    const auto word = lab({words[i].r, words[i].g, words[i].b});
    const float distance = std::hypot(seen[0] - word[0], seen[1] - word[1], seen[2] - word[2]);
    if (distance < limit) limit = distance, best = static_cast<Word>(i);
  }
  return best;
}

float median(std::vector<float> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

Shape likeliest(const std::vector<Sight>& track, float& overlap) {
  std::array<float, kShapes> total = {};
  for (const Sight& sight : track)
    for (std::size_t i = 0; i < total.size(); ++i) total[i] += sight.silhouette.overlap[i] / static_cast<float>(track.size());
  const auto best = std::max_element(total.begin(), total.end());
  overlap = *best;
  return static_cast<Shape>(best - total.begin());
}

// The order of `next` in which things move least from `last`, of all orders.
std::vector<std::size_t> best_order(const std::vector<Silhouette>& last, const std::vector<Silhouette>& next) {
  std::vector<std::size_t> order(next.size()), best;
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  float least = INFINITY;
  do {
    float cost = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
      const Silhouette &a = last[i], &b = next[order[i]];
      const float apart = std::hypot(a.x - b.x, a.y - b.y), growth = std::abs(a.size - b.size);
      cost += apart * apart + growth * growth;
    }
    if (cost < least) least = cost, best = order;
  } while (std::next_permutation(order.begin(), order.end()));
  return best;
}

// Brings `angle` within half a period of `last`.
float unwrap(float angle, float last, float period) { return angle - period * std::round((angle - last) / period); }

}  // namespace

void Observer::add(std::span<const std::uint8_t> rgb, std::int64_t height, std::int64_t width) {
  Frame frame{.picture = shrink(rgb, height, width, kSide), .ground = {}, .blobs = {}};
  frame.ground = fit_ground(frame.picture);
  frame.blobs = segment(stand_out(frame.picture, frame.ground), frame.picture);
  frames_.push_back(std::move(frame));
}

// How far the ground has moved to the right by each frame, pixels.
std::vector<float> Observer::look_at_ground(Observation& seen) const {
  std::array<std::vector<float>, 3> tone;
  std::vector<float> checker, slope, shift(frames_.size());
  for (std::size_t i = 0; i < frames_.size(); ++i) {
    const Ground& ground = frames_[i].ground;
    for (std::size_t c = 0; c < 3; ++c) tone[c].push_back(ground.middle[c]);
    checker.push_back(ground.checker);
    slope.push_back((ground.slope[0] + ground.slope[1] + ground.slope[2]) / 3);
    if (i > 0) shift[i] = shift[i - 1] + moved_right(frames_[i - 1].ground, ground, frames_[i].picture);
  }
  seen.tone = nearest<Tone>({median(tone[0]), median(tone[1]), median(tone[2])}, wan::world::kToneValues, kLikeTone);
  seen.pattern = median(checker) >= kCheckered        ? Pattern::checkered
                 : std::abs(median(slope)) >= kShaded ? Pattern::gradient
                                                      : Pattern::plain;
  if (seen.pattern != Pattern::checkered) std::fill(shift.begin(), shift.end(), 0.0F);
  seen.pan = shift.back() / frames_[0].picture.unit();
  return shift;
}

void Observer::count_things(Observation& seen) const {
  std::vector<std::size_t> times(1);
  for (const Frame& frame : frames_) {
    if (frame.blobs.empty()) continue;
    times.resize(std::max(times.size(), frame.blobs.size() + 1));
    ++times[frame.blobs.size()];
  }
  seen.count = static_cast<int>(std::max_element(times.begin(), times.end()) - times.begin());
  seen.first_seen = std::find_if(frames_.begin(), frames_.end(), [](const Frame& frame) { return !frame.blobs.empty(); }) - frames_.begin();
}

std::vector<Track> Observer::follow_things(std::size_t count) const {
  std::vector<Track> tracks(count);
  std::vector<Silhouette> last;
  for (std::size_t i = 0; i < frames_.size(); ++i) {
    const std::vector<Blob>& blobs = frames_[i].blobs;
    if (blobs.size() != count) continue;
    std::vector<Silhouette> next;
    for (const Blob& blob : blobs) next.push_back(measure(blob));
    const auto order = best_order(last.empty() ? next : last, next);
    last.clear();
    for (std::size_t k = 0; k < count; ++k) {
      last.push_back(next[order[k]]);
      tracks[k].push_back({.frame = i, .blob = &blobs[order[k]], .silhouette = next[order[k]]});
    }
  }
  return tracks;
}

SeenThing Observer::describe(const Track& track, const std::vector<float>& shift) const {
  SeenThing thing;
  float overlap = 0;
  const Shape shape = likeliest(track, overlap);
  if (overlap >= kLikeShape) thing.shape = shape;
  const auto slot = static_cast<std::size_t>(shape);

  std::array<std::vector<float>, 3> bright;
  std::vector<float> variation, striped, dotted, stripes;
  for (const Sight& sight : track) {
    const Silhouette& s = sight.silhouette;
    const Inside inside = look_inside(frames_[sight.frame].picture, *sight.blob,
                                      {.shape = shape, .x = s.x, .y = s.y, .radius = s.size / root_area(shape), .angle = s.angle[slot]});
    for (std::size_t c = 0; c < 3; ++c) bright[c].push_back(inside.bright[c]);
    variation.push_back(inside.variation), striped.push_back(inside.striped), dotted.push_back(inside.dotted);
    stripes.push_back(inside.stripes_angle);
  }
  thing.colour = nearest<Colour>({median(bright[0]), median(bright[1]), median(bright[2])}, wan::world::kColourValues, kLikeColour);
  if (median(variation) * std::max(median(striped), median(dotted)) >= kTextured)
    thing.texture = median(striped) > median(dotted) ? Texture::striped : Texture::dotted;

  // What looks the same at every turn turns with its stripes, if it has any.
  const bool by_stripes = symmetry(shape) == 0 && thing.texture == Texture::striped;
  const float period = (by_stripes ? 1.0F : 2.0F / static_cast<float>(std::max(1, symmetry(shape)))) * std::numbers::pi_v<float>;
  float start = 0, angle = 0;
  for (std::size_t i = 0; i < track.size(); ++i) {
    const Silhouette& s = track[i].silhouette;
    const Picture& picture = frames_[track[i].frame].picture;
    const float seen_angle = by_stripes ? stripes[i] : s.angle[slot];
    angle = i == 0 ? seen_angle : unwrap(seen_angle, angle, period);
    if (i == 0) start = angle;
    thing.way.push_back({.frame = static_cast<std::int64_t>(track[i].frame),
                         .x = (s.x + 0.5F - static_cast<float>(picture.width) / 2 - shift[track[i].frame]) / picture.unit(),
                         .y = (s.y + 0.5F - static_cast<float>(picture.height) / 2) / picture.unit(),
                         .radius = s.size / root_area(shape) / picture.unit(),
                         .turn = angle - start});
  }
  return thing;
}

Observation Observer::finish() const {
  Observation seen{.frames = static_cast<std::int64_t>(frames_.size())};
  if (frames_.empty()) return seen;
  const std::vector<float> shift = look_at_ground(seen);
  count_things(seen);
  const auto count = static_cast<std::size_t>(seen.count);
  if (count == 0 || count > kCrowd) return seen;
  for (const Track& track : follow_things(count)) seen.things.push_back(describe(track, shift));
  return seen;
}

}  // namespace wan::metrics::world
