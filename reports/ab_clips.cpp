#include "reports/ab_clips.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "engine/base/error.h"
#include "engine/io/new_file.h"
#include "engine/media/clip_file.h"
#include "reports/markup.h"

namespace wan::reports {
namespace {

// Goes with the scope, whatever happens in it.
class ScratchFile {
 public:
  explicit ScratchFile(const char* name) : path_(io::temporary_name(std::filesystem::temp_directory_path() / name)) {}
  ~ScratchFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  ScratchFile(const ScratchFile&) = delete;  // the file is removed once
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::string bytes(std::istreambuf_iterator<char>(stream), {});
  if (!stream || bytes.empty()) throw UsageError(fmt::format("{}: cannot be read", path.string()));
  return bytes;
}

std::string encode_mp4(const VideoClip& clip) {
  const ScratchFile scratch("blind_trial.mp4");
  media::write_clip(clip, scratch.path());
  return base64(bytes_of(scratch.path()));
}

}  // namespace

AbMedia ab_media(const store::RunRecord& run) {
  const bool even = run.shape.width % 2 == 0 && run.shape.height % 2 == 0;
  return even && media::can_write_mp4() ? AbMedia::mp4 : AbMedia::png;
}

AbClip read_ab_clip(const Dataset& data, const store::Cell& cell, AbMedia media) {
  const VideoClip clip = media::read_clip(data.run_dir / cell.clip_file);
  AbClip result{.frames_per_second = clip.frames_per_second};
  if (media == AbMedia::mp4) {
    result.base64.push_back(encode_mp4(clip));
    return result;
  }
  for (std::int64_t frame = 0; frame < clip.frames; ++frame) {
    const auto png = media::encode_png(clip.frame(frame), clip.height, clip.width);
    result.base64.push_back(base64({reinterpret_cast<const char*>(png.data()), png.size()}));
  }
  return result;
}

}  // namespace wan::reports
