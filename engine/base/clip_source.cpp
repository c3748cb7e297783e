#include "engine/base/clip_source.h"

#include <algorithm>

namespace wan {
namespace {

class InMemory final : public ClipSource {
 public:
  explicit InMemory(const VideoClip& clip) : clip_(clip) {
    format_ = {.frames = clip.frames,
               .height = clip.height,
               .width = clip.width,
               .frames_per_second = clip.frames_per_second,
               .nonfinite_values = clip.nonfinite_values};
  }
  std::span<const std::uint8_t> next(std::span<std::uint8_t>) override { return clip_.frame(next_++); }
  std::size_t buffer_bytes() const override { return 0; }

 private:
  const VideoClip& clip_;
  std::int64_t next_ = 0;
};

}  // namespace

std::unique_ptr<ClipSource> source_of(const VideoClip& clip) { return std::make_unique<InMemory>(clip); }

VideoClip read_all(ClipSource& source) {
  const ClipFormat& format = source.format();
  VideoClip clip{.frames = format.frames,
                 .height = format.height,
                 .width = format.width,
                 .frames_per_second = format.frames_per_second,
                 .nonfinite_values = format.nonfinite_values};
  const std::size_t size = source.frame_bytes();
  clip.rgb.resize(size * static_cast<std::size_t>(format.frames));
  for (std::size_t i = 0; i < static_cast<std::size_t>(format.frames); ++i) {
    const auto place = std::span(clip.rgb).subspan(i * size, size);
    const auto frame = source.next(place);
    if (frame.data() != place.data()) std::copy(frame.begin(), frame.end(), place.begin());
  }
  return clip;
}

}  // namespace wan
