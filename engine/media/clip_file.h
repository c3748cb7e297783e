// Clips to and from files, the format chosen by the path: `.safetensors` (lossless, `video` [T, H, W, 3] u8), a folder of PNG frames,
// `.y4m`, `.mp4`. The only user of OpenCV's imgcodecs and videoio; without them PNG and y4m remain, and everything else says so.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/base/clip_source.h"
#include "engine/base/video_clip.h"

namespace wan::media {

// Throw UsageError: the path, what was expected, what to do.
std::unique_ptr<ClipSource> open_clip(const std::filesystem::path& path);  // every frame that follows may be refused still
VideoClip read_clip(const std::filesystem::path& path);
void write_clip(const VideoClip& clip, const std::filesystem::path& path);

// One frame as a PNG file in memory (for reports). `rgb` is [height, width, 3].
std::vector<std::uint8_t> encode_png(std::span<const std::uint8_t> rgb, std::int64_t height, std::int64_t width);

// True if this build can write H.264 in .mp4.
bool can_write_mp4();

}  // namespace wan::media
