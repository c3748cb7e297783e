#include <dlfcn.h>

#include <string>

#include "engine/base/build_info.h"
#include "engine/base/error.h"
#include "engine/media/clip_file.h"
#include "engine/media/formats.h"
#include "engine/media/video_codec.h"

namespace wan::media {
namespace {

#ifdef WAN_HAVE_OPENCV
constexpr bool kHaveCodec = true;
#else
constexpr bool kHaveCodec = false;
#endif

// Beside libwan_base.so.
std::filesystem::path codec_path() {
  Dl_info info{};
  if (::dladdr(reinterpret_cast<const void*>(&build_id), &info) == 0 || !info.dli_fname) return "libwan_video.so";
  return std::filesystem::path(info.dli_fname).parent_path() / "libwan_video.so";
}

const VideoCodec* open_codec() {
  const auto path = codec_path();
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library)
    throw UsageError(fmt::format("compressed video needs {}, which cannot be opened ({}); install it with what it names, or use .y4m",
                                 path.string(), ::dlerror()));
  auto* entry = reinterpret_cast<VideoCodecEntry*>(::dlsym(library, "wan_video_codec"));
  const VideoCodec* codec = entry ? entry() : nullptr;
  if (!codec || std::string(codec->build_id) != build_id())
    throw UsageError(fmt::format("{} is of another build than this program; build both together", path.string()));
  return codec;
}

const VideoCodec& codec() {
  static const VideoCodec* const kCodec = open_codec();  // an exception leaves it unset, so the next call tries again
  return *kCodec;
}

}  // namespace

bool can_write_mp4() {
  try {
    return kHaveCodec && codec().can_write_mp4();
  } catch (const UsageError&) {
    return false;
  }
}

std::unique_ptr<ClipSource> open_video(const std::filesystem::path& path) {
  if (kHaveCodec) return codec().open(path);
  throw UsageError(fmt::format(
      "{}: this build has no OpenCV, so it reads no compressed video: convert it to .y4m (ffmpeg -i in.mp4 out.y4m)", path.string()));
}

void write_mp4(const VideoClip& clip, const std::filesystem::path& path) {
  if (kHaveCodec) return codec().write_mp4(clip, path);
  throw UsageError(
      fmt::format("{}: this build has no OpenCV, so it writes no .mp4: write .safetensors, .y4m or PNG frames", path.string()));
}

}  // namespace wan::media
