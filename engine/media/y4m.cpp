#include "engine/media/y4m.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <optional>

#include "engine/base/error.h"
#include "engine/io/mapped_file.h"
#include "engine/io/new_file.h"
#include "engine/media/formats.h"

namespace wan::media {
namespace {

constexpr std::string_view kMagic = "YUV4MPEG2";
constexpr std::string_view kFrame = "FRAME";
constexpr std::size_t kMaxLine = 1024;

// "<number><separator><number>" or, without a separator, one number.
std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Absent where the header says that it is unknown, 0:0.
std::optional<double> frame_rate(std::string_view text, const auto& bad) {
  const std::size_t colon = text.find(':');
  const auto numerator = whole_number(text.substr(0, colon));
  const auto denominator = colon == std::string_view::npos ? std::nullopt : whole_number(text.substr(colon + 1));
  if (!numerator || !denominator || *numerator < 0 || *denominator < 0) throw bad(fmt::format("frame rate F{}, expected like F16:1", text));
  if (*numerator == 0 || *denominator == 0) return std::nullopt;
  return static_cast<double>(*numerator) / static_cast<double>(*denominator);
}

void set_sampling(Y4mHeader& header, std::string_view word, const auto& bad) {
  if (word == "mono") return;
  header.chroma_width = header.width;
  header.chroma_height = header.height;
  header.centred_chroma = word != "420mpeg2";
  if (word == "444") return;
  if (word != "420" && word != "420jpeg" && word != "420mpeg2")
    throw bad(fmt::format("sampling C{}, expected 8 bits of C420, C420jpeg, C420mpeg2, C444 or Cmono: convert it (ffmpeg -pix_fmt yuv444p)",
                          word));
  header.chroma_width = (header.width + 1) / 2;
  header.chroma_height = (header.height + 1) / 2;
}

// The line that begins at `at`, without its break; `at` moves behind it. Nothing if no break follows within the longest line allowed.
std::optional<std::string_view> take_line(std::string_view text, std::size_t& at) {
  const std::size_t end = text.substr(at, kMaxLine).find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = text.substr(at, end);
  at += end + 1;
  return line;
}

std::string rate_words(double frames_per_second) {
  for (const int denominator : {1, 1001, 1000}) {
    const double numerator = frames_per_second * denominator;
    if (std::abs(numerator - std::round(numerator)) < 1e-6 || denominator == 1000)
      return fmt::format("{}:{}", static_cast<std::int64_t>(std::round(numerator)), denominator);
  }
  return "0:0";
}

class Source final : public ClipSource {
 public:
  Source(const Y4mHeader& header, std::vector<std::span<const std::byte>> frames, std::shared_ptr<const void> owner)
      : header_(header), frames_(std::move(frames)), owner_(std::move(owner)), planes_(header.frame_bytes()) {
    format_ = {.frames = static_cast<std::int64_t>(frames_.size()),
               .height = header.height,
               .width = header.width,
               .frames_per_second = header.frames_per_second,
               .rate_known = header.rate_known};
  }

  std::span<const std::uint8_t> next(std::span<std::uint8_t> buffer) override {
    io::read_mapped(frames_.at(next_++), owner_, reinterpret_cast<std::byte*>(planes_.data()));
    rgb_from_planes(header_, planes_, buffer);
    return buffer;
  }

 private:
  Y4mHeader header_;
  std::vector<std::span<const std::byte>> frames_;
  std::shared_ptr<const void> owner_;
  std::vector<std::uint8_t> planes_;
  std::size_t next_ = 0;
};

}  // namespace

Y4mHeader parse_y4m_header(std::string_view line, const std::string& name) {
  const auto bad = [&](const std::string& what) { return UsageError(fmt::format("{}: y4m header: {}", name, what)); };
  Y4mHeader header{.frames_per_second = kDefaultFramesPerSecond};
  std::string_view sampling = "420";
  std::string_view rest = line.substr(std::min(kMagic.size(), line.size()));
  if (!line.starts_with(kMagic) || (!rest.empty() && rest[0] != ' '))
    throw UsageError(fmt::format("{}: not a y4m file, expected {}", name, kMagic));
  while (!rest.empty()) {
    const std::size_t begin = std::min(rest.find_first_not_of(' '), rest.size());
    const std::size_t end = std::min(rest.find(' ', begin), rest.size());
    const std::string_view word = rest.substr(begin, end - begin);
    rest.remove_prefix(end);
    if (word.empty()) continue;
    const std::string_view value = word.substr(1);
    if (word[0] == 'W') header.width = whole_number(value).value_or(0);
    if (word[0] == 'H') header.height = whole_number(value).value_or(0);
    if (word[0] == 'F') {
      const auto rate = frame_rate(value, bad);
      header.rate_known = rate.has_value();
      header.frames_per_second = rate.value_or(kDefaultFramesPerSecond);
    }
    if (word[0] == 'C') sampling = value;
    if (word[0] == 'I' && value != "p" && value != "?")
      throw bad("interlaced, expected progressive frames: deinterlace it (ffmpeg -vf yadif)");
    if (word == "XCOLORRANGE=FULL") header.full_range = true;
  }
  if (header.width < 1 || header.height < 1 || header.width > kMaxExtent || header.height > kMaxExtent)
    throw bad(fmt::format("width and height must be given and lie in [1, {}]", kMaxExtent));
  set_sampling(header, sampling, bad);
  return header;
}

std::string format_y4m_header(std::int64_t width, std::int64_t height, double frames_per_second) {
  return fmt::format("{} W{} H{} F{} Ip A1:1 C444 XCOLORRANGE=FULL\n", kMagic, width, height, rate_words(frames_per_second));
}

std::unique_ptr<ClipSource> parse_y4m(std::span<const std::byte> bytes, std::shared_ptr<const void> owner, const std::string& name) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  std::size_t at = 0;
  const auto line = take_line(text, at);
  if (!line) throw UsageError(fmt::format("{}: not a y4m file, expected {} and its parameters", name, kMagic));
  const Y4mHeader header = parse_y4m_header(*line, name);
  std::vector<std::span<const std::byte>> frames;
  while (at < text.size()) {
    const auto marker = take_line(text, at);
    if (!marker || !marker->starts_with(kFrame))
      throw UsageError(fmt::format("{}: frame {} does not begin with {}: the file is damaged", name, frames.size(), kFrame));
    if (text.size() - at < header.frame_bytes())
      throw UsageError(fmt::format("{}: frame {} has {} of {} bytes: the file is truncated, make it again", name, frames.size(),
                                   text.size() - at, header.frame_bytes()));
    frames.push_back(bytes.subspan(at, header.frame_bytes()));
    at += header.frame_bytes();
  }
  if (frames.empty()) throw UsageError(fmt::format("{}: holds no frame", name));
  return std::make_unique<Source>(header, std::move(frames), std::move(owner));
}

std::unique_ptr<ClipSource> open_y4m(const std::filesystem::path& path) {
  const io::MappedFile file = io::map_file(path);
  return parse_y4m(file.bytes, file.owner, path.string());
}

void write_y4m(const VideoClip& clip, const std::filesystem::path& path) {
  io::NewFile file(path);
  file.write(format_y4m_header(clip.width, clip.height, clip.frames_per_second));
  std::vector<std::uint8_t> planes(static_cast<std::size_t>(clip.width * clip.height * 3));
  for (std::int64_t i = 0; i < clip.frames; ++i) {
    planes_from_rgb(clip.frame(i), planes);
    file.write("FRAME\n");
    file.write(std::as_bytes(std::span(planes)));
  }
  file.commit();
}

}  // namespace wan::media
