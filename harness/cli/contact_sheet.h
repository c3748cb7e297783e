// A picture of many clips: three frames of each, the first, the middle and the last, side by side.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "engine/base/video_clip.h"

namespace wan::cli {

class ContactSheet {
 public:
  explicit ContactSheet(std::int64_t clips_a_row) : clips_a_row_(clips_a_row) {}

  void add(const VideoClip& clip);  // of the size of the first one, or it is left out
  // As one picture, .png by its name. Throws UsageError where that cannot be written.
  void write(const std::filesystem::path& path) const;

 private:
  std::int64_t clips_a_row_, height_ = 0, width_ = 0;
  std::vector<std::vector<std::uint8_t>> frames_;  // [height, width, 3] each
};

}  // namespace wan::cli
