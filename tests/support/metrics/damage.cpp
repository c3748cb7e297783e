#include "tests/support/metrics/damage.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "engine/base/random.h"
#include "engine/media/clip_file.h"
#include "tests/support/temporary_folder.h"

namespace wan::testing {
namespace {

std::uint8_t level(double value) { return static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0, 255.0))); }

std::size_t frame_bytes(const VideoClip& clip) { return static_cast<std::size_t>(clip.height * clip.width * 3); }

double uniform(SplitMix64& random) { return static_cast<double>(random.next() >> 11) * 0x1p-53; }

double gaussian(SplitMix64& random) {
  const double radius = std::sqrt(-2 * std::log(1 - uniform(random)));
  return radius * std::cos(2 * std::numbers::pi * uniform(random));
}

void shift_frame(VideoClip& clip, std::int64_t index, double shift) {
  const std::size_t size = frame_bytes(clip), first = static_cast<std::size_t>(index) * size;
  for (std::size_t i = first; i < first + size; ++i) clip.rgb[i] = level(clip.rgb[i] + shift);
}

}  // namespace

VideoClip with_flat_frames(VideoClip clip, std::int64_t first, std::int64_t count, std::uint8_t value) {
  const auto size = static_cast<std::ptrdiff_t>(frame_bytes(clip));
  std::fill_n(clip.rgb.begin() + first * size, count * size, value);
  return clip;
}

VideoClip regraded(VideoClip clip, double gain, const std::array<double, 3>& shift) {
  for (std::size_t i = 0; i < clip.rgb.size(); ++i) clip.rgb[i] = level(128 + gain * (clip.rgb[i] - 128) + shift[i % 3]);
  return clip;
}

VideoClip fading(VideoClip clip, double shift) {
  for (std::int64_t t = 1; t < clip.frames; ++t)
    shift_frame(clip, t, shift * static_cast<double>(t) / static_cast<double>(clip.frames - 1));
  return clip;
}

VideoClip with_flash(VideoClip clip, std::int64_t index, double shift) {
  shift_frame(clip, index, shift);
  return clip;
}

VideoClip with_saturation(VideoClip clip, double factor) {
  for (std::size_t i = 0; i < clip.rgb.size(); i += 3) {
    const double grey = (clip.rgb[i] + clip.rgb[i + 1] + clip.rgb[i + 2]) / 3.0;
    for (std::size_t c = 0; c < 3; ++c) clip.rgb[i + c] = level(grey + factor * (clip.rgb[i + c] - grey));
  }
  return clip;
}

VideoClip with_noise(VideoClip clip, double deviation, std::uint64_t seed) {
  SplitMix64 random(seed);
  for (auto& value : clip.rgb) value = level(value + deviation * gaussian(random));
  return clip;
}

VideoClip of_noise(VideoClip clip, std::uint64_t seed) {
  SplitMix64 random(seed);
  for (auto& value : clip.rgb) value = static_cast<std::uint8_t>(random.next());
  return clip;
}

VideoClip blurred(VideoClip clip, double sigma) {
  const auto reach = static_cast<std::int64_t>(std::ceil(3 * sigma));
  std::vector<double> weights;
  double total = 0;
  for (std::int64_t i = -reach; i <= reach; ++i) total += weights.emplace_back(std::exp(-static_cast<double>(i * i) / (2 * sigma * sigma)));
  for (const bool upright : {false, true}) {
    const auto source = clip.rgb;
    for (std::int64_t i = 0; i < static_cast<std::int64_t>(source.size()); ++i) {
      const std::int64_t c = i % 3, x = i / 3 % clip.width, y = i / 3 / clip.width % clip.height, frame = i / 3 / clip.width / clip.height;
      double sum = 0;
      for (std::int64_t d = -reach; d <= reach; ++d) {
        const std::int64_t column = upright ? x : std::clamp<std::int64_t>(x + d, 0, clip.width - 1),
                           row = upright ? std::clamp<std::int64_t>(y + d, 0, clip.height - 1) : y;
        sum += weights[static_cast<std::size_t>(d + reach)] *
               source[static_cast<std::size_t>(((frame * clip.height + row) * clip.width + column) * 3 + c)];
      }
      clip.rgb[static_cast<std::size_t>(i)] = level(sum / total);
    }
  }
  return clip;
}

VideoClip with_blocks(VideoClip clip, std::int64_t pitch, double level_of, std::uint64_t seed, std::int64_t period) {
  for (std::int64_t i = 0; i < static_cast<std::int64_t>(clip.rgb.size()); ++i) {
    const std::int64_t x = i / 3 % clip.width, y = i / 3 / clip.width % clip.height, frame = i / 3 / clip.width / clip.height;
    if (frame % period != 0) continue;
    SplitMix64 random(seed + static_cast<std::uint64_t>(y / pitch * 1000 + x / pitch));
    auto& value = clip.rgb[static_cast<std::size_t>(i)];
    value = level(value + level_of * (2 * uniform(random) - 1));
  }
  return clip;
}

VideoClip posterised(VideoClip clip, int step) {
  for (auto& value : clip.rgb) value = level(std::round(static_cast<double>(value) / step) * step);
  return clip;
}

VideoClip with_repeats(VideoClip clip, std::int64_t period) {
  const auto size = static_cast<std::ptrdiff_t>(frame_bytes(clip));
  for (std::int64_t t = 1; t < clip.frames; t += period) std::copy_n(clip.rgb.begin() + (t - 1) * size, size, clip.rgb.begin() + t * size);
  return clip;
}

VideoClip flickering(VideoClip clip, std::int64_t phase, double shift) {
  for (std::int64_t t = phase; t < clip.frames; t += 4) shift_frame(clip, t, shift);
  return clip;
}

VideoClip moved(VideoClip clip, std::int64_t pixels) {
  const auto source = clip.rgb;
  for (std::int64_t row = 0; row < clip.frames * clip.height; ++row)
    for (std::int64_t x = 0; x < clip.width; ++x)
      for (std::int64_t c = 0; c < 3; ++c)
        clip.rgb[static_cast<std::size_t>((row * clip.width + x) * 3 + c)] =
            source[static_cast<std::size_t>((row * clip.width + std::max<std::int64_t>(x - pixels, 0)) * 3 + c)];
  return clip;
}

VideoClip compressed(const VideoClip& clip) {
  const TemporaryFolder folder;
  media::write_clip(clip, folder.path() / "clip.mp4");
  return media::read_clip(folder.path() / "clip.mp4");
}

}  // namespace wan::testing
