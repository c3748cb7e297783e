#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>

#include "engine/base/error.h"
#include "engine/io/mapped_file.h"
#include "engine/io/new_file.h"
#include "engine/media/clip_file.h"
#include "engine/media/formats.h"
#include "engine/media/png.h"

namespace wan::media {
namespace {

namespace fs = std::filesystem;

struct Frame {
  std::int64_t number = 0;
  fs::path path;
};

Image read_image(const fs::path& path) { return decode_png(io::map_file(path).bytes, path.string()); }

std::vector<fs::path> entries(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> paths;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) paths.push_back(at->path());
  if (error) throw UsageError(fmt::format("{}: cannot be listed: {}", folder.string(), error.message()));
  return paths;
}

bool is_png(const fs::path& path) { return path.extension() == ".png" || path.extension() == ".PNG"; }

// name_00012.png -> {"name_", 12}
std::pair<std::string, std::int64_t> split_number(const fs::path& path, const std::string& folder) {
  const std::string stem = path.stem().string();
  std::size_t digits = 0;
  while (digits < stem.size() && std::isdigit(static_cast<unsigned char>(stem[stem.size() - 1 - digits]))) ++digits;
  if (digits == 0 || digits > 9)
    throw UsageError(fmt::format("{}: {} has no frame number, expected names like frame_00000.png", folder, path.filename().string()));
  return {stem.substr(0, stem.size() - digits), std::stoll(stem.substr(stem.size() - digits))};
}

// Frames in the order of their numbers, which must run without a gap: a missing frame would shift all that follow.
std::vector<Frame> list_frames(const fs::path& folder) {
  std::vector<Frame> frames;
  std::string prefix;
  for (const fs::path& path : entries(folder)) {
    if (!is_png(path)) continue;
    auto [name, number] = split_number(path, folder.string());
    if (frames.empty()) prefix = name;
    if (name != prefix)
      throw UsageError(fmt::format("{}: frames of two clips ('{}' and '{}'), expected one: separate them", folder.string(), prefix, name));
    frames.push_back({.number = number, .path = path});
  }
  if (frames.empty()) throw UsageError(fmt::format("{}: no PNG in this folder, expected frame_00000.png and so on", folder.string()));
  std::sort(frames.begin(), frames.end(), [](const Frame& a, const Frame& b) { return a.number < b.number; });
  for (std::size_t i = 1; i < frames.size(); ++i)
    if (frames[i].number != frames[i - 1].number + 1)
      throw UsageError(fmt::format("{}: frame {} is {} between frames {} and {}", folder.string(), frames[i - 1].number + 1,
                                   frames[i].number == frames[i - 1].number ? "ambiguous" : "missing",
                                   frames[i - 1].path.filename().string(), frames[i].path.filename().string()));
  return frames;
}

void write_file(const fs::path& path, std::span<const std::uint8_t> bytes) {
  io::NewFile file(path);
  file.write(std::as_bytes(bytes));
  file.commit();
}

// A folder under a temporary name that goes away unless it is moved to its place.
class NewFolder {
 public:
  explicit NewFolder(fs::path path) : path_(std::move(path)), temporary_(io::temporary_name(path_)) {
    std::error_code error;
    if (!fs::create_directory(temporary_, error))
      throw UsageError(fmt::format("{}: cannot be made: {} (is the folder above there and writable?)", path_.string(), error.message()));
  }
  ~NewFolder() {
    std::error_code ignored;
    fs::remove_all(temporary_, ignored);
  }
  NewFolder(const NewFolder&) = delete;  // owns the temporary folder
  NewFolder& operator=(const NewFolder&) = delete;

  fs::path operator/(const std::string& name) const { return temporary_ / name; }
  // What stands at the path takes the temporary name, and with it goes away.
  void commit() {
    std::error_code error;
    const fs::path old = io::temporary_name(path_);
    if (fs::exists(path_, error)) fs::rename(path_, old, error);
    if (!error) fs::rename(temporary_, path_, error);
    if (error) throw UsageError(fmt::format("{}: cannot be put in place: {}", path_.string(), error.message()));
    temporary_ = old;
  }

 private:
  fs::path path_;
  fs::path temporary_;
};

// Only an earlier clip may be replaced: a folder with anything else in it is somebody's.
void check_replaceable(const fs::path& folder) {
  std::error_code error;
  const auto status = fs::status(folder, error);
  if (!fs::exists(status)) return;
  if (!fs::is_directory(status))
    throw UsageError(fmt::format("{}: is a file, expected a folder for PNG frames: choose another name", folder.string()));
  for (const fs::path& path : entries(folder))
    if (!is_png(path) || !path.filename().string().starts_with("frame_"))
      throw UsageError(fmt::format("{}: holds {} besides PNG frames, so it is not replaced: choose another folder", folder.string(),
                                   path.filename().string()));
}

// The size of a folder's clip is its first frame's, which is decoded when the folder is opened.
class Source final : public ClipSource {
 public:
  explicit Source(std::vector<fs::path> paths) : paths_(std::move(paths)), first_(read_image(paths_.front())) {
    format_ = {.frames = static_cast<std::int64_t>(paths_.size()),
               .height = first_.height,
               .width = first_.width,
               .frames_per_second = kDefaultFramesPerSecond,
               .rate_known = false};
  }

  std::span<const std::uint8_t> next(std::span<std::uint8_t> buffer) override {
    const fs::path& path = paths_.at(next_++);
    const Image image = next_ == 1 ? std::move(first_) : read_image(path);
    if (image.height != format_.height || image.width != format_.width)
      throw UsageError(fmt::format("{}: {}x{} pixels, expected {}x{} as in the first frame", path.string(), image.width, image.height,
                                   format_.width, format_.height));
    std::copy(image.rgb.begin(), image.rgb.end(), buffer.begin());
    return buffer;
  }

 private:
  std::vector<fs::path> paths_;
  Image first_;
  std::size_t next_ = 0;
};

}  // namespace

std::unique_ptr<ClipSource> open_png(const fs::path& path) { return std::make_unique<Source>(std::vector{path}); }

void write_png(const VideoClip& clip, const fs::path& path) {
  if (clip.frames != 1)
    throw UsageError(
        fmt::format("{}: one PNG cannot hold {} frames: give a path without an ending for a folder of frames", path.string(), clip.frames));
  write_file(path, encode_png(clip.rgb, clip.height, clip.width));
}

std::unique_ptr<ClipSource> open_png_folder(const fs::path& folder) {
  std::vector<fs::path> paths;
  for (Frame& frame : list_frames(folder)) paths.push_back(std::move(frame.path));
  return std::make_unique<Source>(std::move(paths));
}

void write_png_folder(const VideoClip& clip, const fs::path& folder) {
  check_replaceable(folder);
  NewFolder fresh(folder);
  try {
    for (std::int64_t i = 0; i < clip.frames; ++i)
      write_file(fresh / fmt::format("frame_{:05}.png", i), encode_png(clip.frame(i), clip.height, clip.width));
  } catch (const UsageError& e) {
    throw UsageError(fmt::format("{}: {}", folder.string(), e.what()));  // e names the temporary folder
  }
  fresh.commit();
}

}  // namespace wan::media
