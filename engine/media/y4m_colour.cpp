#include <algorithm>
#include <array>
#include <vector>

#include "engine/media/y4m.h"

namespace wan::media {
namespace {

// ITU-R BT.601: Y = kRed R + kGreen G + kBlue B; Cb and Cr are B - Y and R - Y scaled to [-1/2, 1/2].
constexpr float kRed = 0.299F, kBlue = 0.114F, kGreen = 1.0F - kRed - kBlue;
constexpr float kCbScale = 2.0F * (1.0F - kBlue), kCrScale = 2.0F * (1.0F - kRed);

std::uint8_t to_byte(float value) { return static_cast<std::uint8_t>(std::clamp(value, 0.0F, 255.0F) + 0.5F); }

// Where one output sample lies among the sub-sampled ones: between `first` and `second`, `weight` of the way, in quarters.
struct Tap {
  std::size_t first = 0;
  std::size_t second = 0;
  float weight = 0;
};

std::vector<Tap> make_taps(std::int64_t full, std::int64_t sampled, bool centred) {
  std::vector<Tap> taps(static_cast<std::size_t>(full));
  for (std::int64_t i = 0; i < full; ++i) {
    // Centred samples lie at 1/2, 5/2, ... in units of full samples, the others at 0, 2, ...
    const std::int64_t quarters = full == sampled ? 4 * i : centred ? 2 * i - 1 : 2 * i;
    const std::int64_t below = (quarters + 4) / 4 - 1;
    taps[static_cast<std::size_t>(i)] = {.first = static_cast<std::size_t>(std::clamp<std::int64_t>(below, 0, sampled - 1)),
                                         .second = static_cast<std::size_t>(std::clamp<std::int64_t>(below + 1, 0, sampled - 1)),
                                         .weight = static_cast<float>(quarters - 4 * below) / 4.0F};
  }
  return taps;
}

float interpolate(std::span<const std::uint8_t> plane, std::size_t stride, const Tap& y, const Tap& x) {
  const auto row = [&](std::size_t r) {
    const float left = plane[r * stride + x.first], right = plane[r * stride + x.second];
    return left + x.weight * (right - left);
  };
  const float top = row(y.first), bottom = row(y.second);
  return top + y.weight * (bottom - top);
}

}  // namespace

void rgb_from_planes(const Y4mHeader& header, std::span<const std::uint8_t> planes, std::span<std::uint8_t> rgb) {
  const auto width = static_cast<std::size_t>(header.width), height = static_cast<std::size_t>(header.height);
  const auto chroma_width = static_cast<std::size_t>(header.chroma_width);
  const auto chroma_size = chroma_width * static_cast<std::size_t>(header.chroma_height);
  const auto luma = planes.first(width * height), cb = planes.subspan(width * height, chroma_size), cr = planes.last(chroma_size);
  const float luma_offset = header.full_range ? 0.0F : 16.0F, luma_scale = header.full_range ? 1.0F : 255.0F / 219.0F;
  const float chroma_scale = header.full_range ? 1.0F : 255.0F / 224.0F;
  std::vector<Tap> rows, columns;
  if (chroma_size > 0) {
    rows = make_taps(header.height, header.chroma_height, true);  // 4:2:0 lies between the lines in either siting
    columns = make_taps(header.width, header.chroma_width, header.centred_chroma);
  }
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t x = 0; x < width; ++x) {
      const float l = (static_cast<float>(luma[y * width + x]) - luma_offset) * luma_scale;
      float b = 0, r = 0;
      if (chroma_size > 0) {
        b = (interpolate(cb, chroma_width, rows[y], columns[x]) - 128.0F) * chroma_scale;
        r = (interpolate(cr, chroma_width, rows[y], columns[x]) - 128.0F) * chroma_scale;
      }
      std::uint8_t* pixel = &rgb[(y * width + x) * 3];
      pixel[0] = to_byte(l + kCrScale * r);
      pixel[1] = to_byte(l - (kRed * kCrScale * r + kBlue * kCbScale * b) / kGreen);
      pixel[2] = to_byte(l + kCbScale * b);
    }
}

void planes_from_rgb(std::span<const std::uint8_t> rgb, std::span<std::uint8_t> planes) {
  const std::size_t pixels = rgb.size() / 3;
  for (std::size_t i = 0; i < pixels; ++i) {
    const float r = rgb[3 * i], g = rgb[3 * i + 1], b = rgb[3 * i + 2];
    const float luma = kRed * r + kGreen * g + kBlue * b;
    planes[i] = to_byte(luma);
    planes[pixels + i] = to_byte((b - luma) / kCbScale + 128.0F);
    planes[2 * pixels + i] = to_byte((r - luma) / kCrScale + 128.0F);
  }
}

}  // namespace wan::media
