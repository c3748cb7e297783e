// The formats behind clip_file.h, one pair of functions each. All throw UsageError: the path, what was expected, what to do; no writer
// leaves half a clip behind.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "engine/base/clip_source.h"
#include "engine/base/video_clip.h"

namespace wan::media {

inline constexpr double kDefaultFramesPerSecond = 16.0;  // of formats that do not tell theirs: Wan2.2's
inline constexpr std::int64_t kMaxExtent = 65536;        // of height or width, so that a damaged file cannot ask for absurd memory

std::unique_ptr<ClipSource> open_safetensors_clip(const std::filesystem::path& path);
void write_safetensors_clip(const VideoClip& clip, const std::filesystem::path& path);

std::unique_ptr<ClipSource> open_png(const std::filesystem::path& path);  // one image is a clip of one frame
void write_png(const VideoClip& clip, const std::filesystem::path& path);
std::unique_ptr<ClipSource> open_png_folder(const std::filesystem::path& path);
void write_png_folder(const VideoClip& clip, const std::filesystem::path& path);

// `owner` keeps `bytes` alive, `name` stands for the path in messages; the fuzz target's door.
std::unique_ptr<ClipSource> parse_y4m(std::span<const std::byte> bytes, std::shared_ptr<const void> owner, const std::string& name);
std::unique_ptr<ClipSource> open_y4m(const std::filesystem::path& path);
void write_y4m(const VideoClip& clip, const std::filesystem::path& path);

// Through OpenCV; without it both say so.
std::unique_ptr<ClipSource> open_video(const std::filesystem::path& path);
void write_mp4(const VideoClip& clip, const std::filesystem::path& path);

}  // namespace wan::media
