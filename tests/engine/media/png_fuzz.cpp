// Any bytes: either a UsageError, or an image whose pixels are all there.
#include <cstdint>
#include <span>

#include "engine/base/error.h"
#include "engine/media/png.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const wan::media::Image image = wan::media::decode_png(std::as_bytes(std::span(data, size)), "fuzz");
    if (image.height < 1 || image.width < 1 || image.rgb.size() != static_cast<std::size_t>(image.height * image.width * 3))
      __builtin_trap();
  } catch (const wan::UsageError&) {
  }
  return 0;
}
