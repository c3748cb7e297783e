#include "engine/media/png.h"

#include <png.h>

#include <memory>

#include "engine/base/error.h"
#include "engine/media/clip_file.h"

namespace wan::media {
namespace {

constexpr std::uint64_t kMaxPixels = std::uint64_t{1}
                                     << 28;  // a few bytes of file can claim any size; 16384 x 16384 is more than any frame

// libpng's simplified interface: no setjmp, errors come back as a text in the struct.
struct PngImage : png_image {
  PngImage() : png_image{} { version = PNG_IMAGE_VERSION; }
  ~PngImage() { png_image_free(this); }
  PngImage(const PngImage&) = delete;  // owns libpng's state
  PngImage& operator=(const PngImage&) = delete;
};

std::vector<std::uint8_t> drop_alpha(std::span<const std::uint8_t> rgba, const auto& bad) {
  std::vector<std::uint8_t> rgb;
  rgb.reserve(rgba.size() / 4 * 3);
  for (std::size_t i = 0; i < rgba.size(); i += 4) {
    if (rgba[i + 3] != 255) throw bad("it is not opaque, expected an image without transparency: flatten it");
    rgb.insert(rgb.end(), rgba.begin() + static_cast<std::ptrdiff_t>(i), rgba.begin() + static_cast<std::ptrdiff_t>(i + 3));
  }
  return rgb;
}

}  // namespace

Image decode_png(std::span<const std::byte> bytes, const std::string& name) {
  const auto bad = [&](const std::string& what) { return UsageError(fmt::format("{}: not a usable PNG: {}", name, what)); };
  PngImage png;
  if (!png_image_begin_read_from_memory(&png, bytes.data(), bytes.size())) throw bad(png.message);
  if (std::uint64_t{png.width} * png.height > kMaxPixels) throw bad(fmt::format("{}x{} pixels", png.width, png.height));
  const bool has_alpha = (png.format & PNG_FORMAT_FLAG_ALPHA) != 0;
  png.format = has_alpha ? PNG_FORMAT_RGBA : PNG_FORMAT_RGB;
  png.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;  // else 16-bit samples without a gamma would be taken as linear light
  Image image{.height = png.height, .width = png.width, .rgb = std::vector<std::uint8_t>(PNG_IMAGE_SIZE(png))};
  if (!png_image_finish_read(&png, nullptr, image.rgb.data(), 0, nullptr)) throw bad(png.message);
  if (has_alpha) image.rgb = drop_alpha(image.rgb, bad);
  return image;
}

std::vector<std::uint8_t> encode_png(std::span<const std::uint8_t> rgb, std::int64_t height, std::int64_t width) {
  WAN_CHECK(height > 0 && width > 0 && rgb.size() == static_cast<std::size_t>(height * width * 3), "{} bytes for an image of {}x{}",
            rgb.size(), width, height);
  PngImage png;
  png.height = static_cast<png_uint_32>(height);
  png.width = static_cast<png_uint_32>(width);
  png.format = PNG_FORMAT_RGB;
  std::vector<std::uint8_t> file(PNG_IMAGE_PNG_SIZE_MAX(png));
  png_alloc_size_t size = file.size();
  WAN_CHECK(png_image_write_to_memory(&png, file.data(), &size, 0, rgb.data(), 0, nullptr), "libpng: {}", png.message);
  file.resize(size);
  return file;
}

}  // namespace wan::media
