#include "harness/cli/contact_sheet.h"

#include <algorithm>

#include "engine/media/clip_file.h"

namespace wan::cli {
namespace {

constexpr std::int64_t kFrames = 3;  // of a clip

}  // namespace

void ContactSheet::add(const VideoClip& clip) {
  if (frames_.empty()) height_ = clip.height, width_ = clip.width;
  if (clip.height != height_ || clip.width != width_ || clip.frames < 1) return;
  for (std::int64_t i = 0; i < kFrames; ++i) {
    const auto frame = clip.frame(i * (clip.frames - 1) / (kFrames - 1));
    frames_.emplace_back(frame.begin(), frame.end());
  }
}

void ContactSheet::write(const std::filesystem::path& path) const {
  const std::int64_t across = clips_a_row_ * kFrames, count = static_cast<std::int64_t>(frames_.size());
  VideoClip sheet{.frames = 1, .height = (count + across - 1) / across * height_, .width = std::min(across, count) * width_};
  sheet.rgb.resize(static_cast<std::size_t>(sheet.height * sheet.width * 3));
  for (std::int64_t i = 0; i < count; ++i)
    for (std::int64_t y = 0; y < height_; ++y) {
      const auto from = frames_[static_cast<std::size_t>(i)].begin() + y * width_ * 3;
      std::copy_n(from, width_ * 3, sheet.rgb.begin() + ((i / across * height_ + y) * sheet.width + i % across * width_) * 3);
    }
  media::write_clip(sheet, path);
}

}  // namespace wan::cli
