#include <opencv2/core.hpp>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>

#include "engine/base/build_info.h"
#include "engine/base/error.h"
#include "engine/io/new_file.h"
#include "engine/media/formats.h"
#include "engine/media/video_codec.h"

namespace wan::media {

namespace {

// OpenCV chooses H.264 for avc1, and with FFmpeg's libx264 yuv420p at its default quality (CRF 23).
const int kH264 = cv::VideoWriter::fourcc('a', 'v', 'c', '1');

// A file that goes away unless it is renamed into place; the encoder writes to its name.
struct TemporaryVideo {
  explicit TemporaryVideo(const std::filesystem::path& path) : name(io::temporary_name(path)) {}
  ~TemporaryVideo() {
    std::error_code ignored;
    std::filesystem::remove(name, ignored);
  }
  TemporaryVideo(const TemporaryVideo&) = delete;  // owns the file of that name
  TemporaryVideo& operator=(const TemporaryVideo&) = delete;
  const std::filesystem::path name;
};

bool open_writer(cv::VideoWriter& writer, const std::filesystem::path& path, double frames_per_second, cv::Size size) {
  // A failed opening is reported by us, in one line.
  const auto level = cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
  const bool open = writer.open(path.string(), cv::CAP_FFMPEG, kH264, frames_per_second, size);
  cv::utils::logging::setLogLevel(level);
  return open;
}

std::int64_t count_frames(const std::filesystem::path& path) {
  cv::VideoCapture capture(path.string(), cv::CAP_FFMPEG);
  std::int64_t frames = 0;
  while (capture.isOpened() && capture.grab()) ++frames;
  return frames;
}

bool encodes_mp4() {
  const TemporaryVideo probe(std::filesystem::temp_directory_path() / "probe.mp4");
  cv::VideoWriter writer;
  return open_writer(writer, probe.name, 16, cv::Size(64, 64));
}

class Source final : public ClipSource {
 public:
  // Containers promise a number of frames, some of them only an estimate; what counts is what can be decoded, so the file is decoded twice.
  explicit Source(const std::filesystem::path& path) : path_(path), capture_(path.string(), cv::CAP_FFMPEG) {
    if (!capture_.isOpened())
      throw UsageError(
          fmt::format("{}: cannot be decoded, expected a video file: damaged, or of a kind FFmpeg does not know", path.string()));
    format_.frames = count_frames(path);
    const bool exact = path.extension() == ".mp4" || path.extension() == ".mov";
    const auto promised = static_cast<std::int64_t>(capture_.get(cv::CAP_PROP_FRAME_COUNT));
    if (format_.frames == 0 || (exact && format_.frames < promised))
      throw UsageError(fmt::format("{}: {} of {} frames can be decoded: the file is truncated or damaged, make it again", path.string(),
                                   format_.frames, promised));
    format_.frames_per_second = capture_.get(cv::CAP_PROP_FPS);
    if (!(format_.frames_per_second > 0)) format_.frames_per_second = kDefaultFramesPerSecond;
    capture_.read(bgr_);
    format_.height = bgr_.rows, format_.width = bgr_.cols;
  }

  std::span<const std::uint8_t> next(std::span<std::uint8_t> buffer) override {
    if (index_ > 0 && !capture_.read(bgr_))
      throw UsageError(fmt::format("{}: frame {} cannot be decoded: the file has changed, or is damaged", path_.string(), index_));
    if (bgr_.rows != format_.height || bgr_.cols != format_.width)
      throw UsageError(fmt::format("{}: frame {} has another size than the first, expected one size", path_.string(), index_));
    ++index_;
    cv::Mat rgb(bgr_.size(), CV_8UC3, buffer.data());
    cv::cvtColor(bgr_, rgb, cv::COLOR_BGR2RGB);
    return buffer;
  }

 private:
  std::filesystem::path path_;
  cv::VideoCapture capture_;
  cv::Mat bgr_;  // the first frame until it is asked for
  std::int64_t index_ = 0;
};

std::unique_ptr<ClipSource> open(const std::filesystem::path& path) { return std::make_unique<Source>(path); }

void encode_mp4(const VideoClip& clip, const std::filesystem::path& path) {
  if (clip.width % 2 != 0 || clip.height % 2 != 0)
    throw UsageError(
        fmt::format("{}: H.264 in 4:2:0 needs an even width and height, the clip has {}x{}: write .safetensors, .y4m or PNG frames",
                    path.string(), clip.width, clip.height));
  { io::NewFile probe(path); }  // the encoder does not say why it cannot write; the system does
  const TemporaryVideo temporary(path);
  cv::VideoWriter writer;
  const cv::Size size(static_cast<int>(clip.width), static_cast<int>(clip.height));
  if (!open_writer(writer, temporary.name, clip.frames_per_second, size))
    throw UsageError(
        fmt::format("{}: this OpenCV has no H.264 encoder (FFmpeg with libx264): write .safetensors, .y4m or PNG frames", path.string()));
  cv::Mat bgr;
  for (std::int64_t i = 0; i < clip.frames; ++i) {
    const cv::Mat rgb(size, CV_8UC3, const_cast<std::uint8_t*>(clip.frame(i).data()));
    cv::cvtColor(rgb, bgr, cv::COLOR_RGB2BGR);
    writer.write(bgr);
  }
  writer.release();
  // The encoder swallows errors of the disk: what can be read back is what was written.
  std::error_code error;
  if (count_frames(temporary.name) != clip.frames)
    throw UsageError(fmt::format("{}: cannot be written: the encoded file is incomplete (is there space?)", path.string()));
  std::filesystem::rename(temporary.name, path, error);
  if (error) throw UsageError(fmt::format("{}: cannot be written: {}", path.string(), error.message()));
}

}  // namespace

extern "C" const VideoCodec* wan_video_codec() {
  static const VideoCodec kCodec{.build_id = build_id(), .can_write_mp4 = encodes_mp4, .open = open, .write_mp4 = encode_mp4};
  return &kCodec;
}

}  // namespace wan::media
