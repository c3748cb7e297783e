// Any bytes: either a UsageError, or a clip whose pixels are all there.
#include <cstdint>
#include <span>

#include "engine/base/error.h"
#include "engine/media/formats.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto source = wan::media::parse_y4m(std::as_bytes(std::span(data, size)), nullptr, "fuzz");
    const wan::VideoClip clip = wan::read_all(*source);
    if (clip.frames < 1 || clip.rgb.size() != static_cast<std::size_t>(clip.frames * clip.height * clip.width * 3)) __builtin_trap();
    if (!(clip.frames_per_second > 0)) __builtin_trap();
  } catch (const wan::UsageError&) {
  }
  return 0;
}
