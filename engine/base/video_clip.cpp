#include "engine/base/video_clip.h"

#include "engine/base/error.h"
#include "engine/base/sha256.h"

namespace wan {

std::span<const std::uint8_t> VideoClip::frame(std::int64_t index) const {
  WAN_CHECK(index >= 0 && index < frames, "frame {} of a clip of {}", index, frames);
  const auto size = static_cast<std::size_t>(height * width * 3);
  return std::span(rgb).subspan(static_cast<std::size_t>(index) * size, size);
}

std::string VideoClip::content_hash() const {
  Sha256 hash;
  hash.update(fmt::format("{}x{}x{}:", frames, height, width));
  hash.update(std::as_bytes(std::span(rgb)));
  return hash.hex_digest();
}

}  // namespace wan
