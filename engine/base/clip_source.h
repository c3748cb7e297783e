// A clip that is read frame by frame, so that its length costs no memory.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "engine/base/video_clip.h"

namespace wan {

struct ClipFormat {
  std::int64_t frames = 0, height = 0, width = 0;
  double frames_per_second = 16.0;
  bool rate_known = true;             // false: the file does not tell, and frames_per_second is a guess
  std::int64_t nonfinite_values = 0;  // as in VideoClip
};

class ClipSource {
 public:
  virtual ~ClipSource() = default;
  const ClipFormat& format() const { return format_; }
  std::size_t frame_bytes() const { return static_cast<std::size_t>(format_.height * format_.width * 3); }
  // The next frame, [height, width, 3] sRGB: written to `buffer`, which holds one frame, or lying in memory that lives as long as this
  // source. At most format().frames times. Throws UsageError if it cannot be read.
  virtual std::span<const std::uint8_t> next(std::span<std::uint8_t> buffer) = 0;
  // That next() wants: frame_bytes(), or 0 if the frames lie in memory already.
  virtual std::size_t buffer_bytes() const { return frame_bytes(); }

 protected:
  ClipFormat format_;
};

// The frames of `clip`, which must outlive the source.
std::unique_ptr<ClipSource> source_of(const VideoClip& clip);
// All frames of a source of which none has been read yet.
VideoClip read_all(ClipSource& source);

}  // namespace wan
