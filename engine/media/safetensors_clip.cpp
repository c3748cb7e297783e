#include <charconv>
#include <cmath>

#include "engine/base/error.h"
#include "engine/io/mapped_file.h"
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

class Source final : public ClipSource {
 public:
  Source(io::TensorView video, const ClipFormat& format) : video_(std::move(video)) { format_ = format; }

  std::span<const std::uint8_t> next(std::span<std::uint8_t> buffer) override {
    const std::size_t size = frame_bytes();
    io::read_mapped(video_.data.subspan(static_cast<std::size_t>(next_++) * size, size), video_.owner,
                    reinterpret_cast<std::byte*>(buffer.data()));
    return buffer;
  }

 private:
  io::TensorView video_;
  std::int64_t next_ = 0;
};

}  // namespace

std::unique_ptr<ClipSource> open_safetensors_clip(const std::filesystem::path& path) {
  const io::SafetensorsFile file = io::SafetensorsFile::open(path);
  const io::TensorView& video = file.at("video");
  if (video.dtype != io::Dtype::u8 || video.shape.size() != 4 || video.shape[3] != 3 || video.numel() == 0)
    throw UsageError(fmt::format("{}: 'video' is {} of {} dimensions, expected U8 [frames, height, width, 3] and not empty", path.string(),
                                 to_string(video.dtype), video.shape.size()));
  ClipFormat format{.frames = video.shape[0], .height = video.shape[1], .width = video.shape[2]};
  format.frames_per_second = number(file, path, "fps", kDefaultFramesPerSecond);
  format.rate_known = file.metadata().contains("fps");
  if (format.frames_per_second == 0) throw UsageError(fmt::format("{}: metadata fps is 0, expected more", path.string()));
  format.nonfinite_values = number(file, path, "nonfinite_values", std::int64_t{0});
  return std::make_unique<Source>(video, format);
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
