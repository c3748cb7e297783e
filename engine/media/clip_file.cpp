#include "engine/media/clip_file.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "engine/base/error.h"
#include "engine/media/formats.h"

namespace wan::media {
namespace {

struct Format {
  std::string_view ending;
  std::unique_ptr<ClipSource> (*open)(const std::filesystem::path&);
  void (*write)(const VideoClip&, const std::filesystem::path&);  // null: this ending is read only
};

constexpr std::array<Format, 8> kFormats = {{{".safetensors", open_safetensors_clip, write_safetensors_clip},
                                             {".png", open_png, write_png},
                                             {".y4m", open_y4m, write_y4m},
                                             {".mp4", open_video, write_mp4},
                                             {".mov", open_video, nullptr},
                                             {".mkv", open_video, nullptr},
                                             {".webm", open_video, nullptr},
                                             {".avi", open_video, nullptr}}};

const Format* format_of(const std::filesystem::path& path) {
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto found = std::find_if(kFormats.begin(), kFormats.end(), [&](const Format& f) { return f.ending == ending; });
  return found == kFormats.end() ? nullptr : &*found;
}

}  // namespace

std::unique_ptr<ClipSource> open_clip(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status))
    throw UsageError(fmt::format("{}: no such clip; expected a file or a folder of PNG frames", path.string()));
  if (std::filesystem::is_directory(status)) return open_png_folder(path);
  const Format* format = format_of(path);
  if (!format)
    throw UsageError(fmt::format("{}: unknown kind of clip; expected .safetensors, .png, .y4m, .mp4 or a folder of PNG frames: convert it",
                                 path.string()));
  return format->open(path);
}

VideoClip read_clip(const std::filesystem::path& path) { return read_all(*open_clip(path)); }

void write_clip(const VideoClip& clip, const std::filesystem::path& path) {
  WAN_CHECK(clip.frames > 0 && clip.height > 0 && clip.width > 0 &&
                clip.rgb.size() == static_cast<std::size_t>(clip.frames * clip.height * clip.width * 3),
            "{} bytes for a clip of {} frames of {}x{}", clip.rgb.size(), clip.frames, clip.width, clip.height);
  if (!path.has_filename()) return write_png_folder(clip, path.parent_path());
  std::error_code error;
  if (!path.has_extension() || std::filesystem::is_directory(path, error)) return write_png_folder(clip, path);
  const Format* format = format_of(path);
  if (!format || !format->write)
    throw UsageError(
        fmt::format("{}: clips are written as .safetensors (lossless), .png (one frame), .y4m, .mp4 or, without an ending, as a folder of "
                    "PNG frames: choose one",
                    path.string()));
  format->write(clip, path);
}

}  // namespace wan::media
