#include <charconv>
#include <cmath>

#include "engine/base/error.h"
#include "engine/io/safetensors.h"
#include "engine/media/formats.h"

namespace wan::media {
namespace {

template <typename T>
T number(const io::SafetensorsFile& file, const std::filesystem::path& path, const std::string& key, T otherwise) {
  const auto found = file.metadata().find(key);
  if (found == file.metadata().end()) return otherwise;
  const std::string& text = found->second;
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !(value >= T{0}) || !std::isfinite(static_cast<double>(value)))
    throw UsageError(fmt::format("{}: metadata {} is '{}', expected a number that is not negative", path.string(), key, text));
  return value;
}

}  // namespace

VideoClip read_safetensors_clip(const std::filesystem::path& path) {
  const io::SafetensorsFile file = io::SafetensorsFile::open(path);
  const io::TensorView& video = file.at("video");
  if (video.dtype != io::Dtype::u8 || video.shape.size() != 4 || video.shape[3] != 3 || video.numel() == 0)
    throw UsageError(fmt::format("{}: 'video' is {} of {} dimensions, expected U8 [frames, height, width, 3] and not empty", path.string(),
                                 to_string(video.dtype), video.shape.size()));
  VideoClip clip{.frames = video.shape[0], .height = video.shape[1], .width = video.shape[2]};
  clip.frames_per_second = number(file, path, "fps", kDefaultFramesPerSecond);
  if (clip.frames_per_second == 0) throw UsageError(fmt::format("{}: metadata fps is 0, expected more", path.string()));
  clip.nonfinite_values = number(file, path, "nonfinite_values", std::int64_t{0});
  const auto* pixels = reinterpret_cast<const std::uint8_t*>(video.data.data());
  clip.rgb.assign(pixels, pixels + video.data.size());
  return clip;
}

void write_safetensors_clip(const VideoClip& clip, const std::filesystem::path& path) {
  const io::TensorToWrite video{.name = "video",
                                .dtype = io::Dtype::u8,
                                .shape = {clip.frames, clip.height, clip.width, 3},
                                .data = std::as_bytes(std::span(clip.rgb))};
  io::write_safetensors(
      path, {&video, 1},
      {{"fps", fmt::format("{}", clip.frames_per_second)}, {"nonfinite_values", fmt::format("{}", clip.nonfinite_values)}});
}

}  // namespace wan::media
