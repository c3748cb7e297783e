// Compressed video lives in libwan_video.so, which is opened when a clip first needs it: OpenCV's videoio brings FFmpeg and some hundred
// libraries with it, a third of what every program would otherwise take to start. It exports `wan_video_codec`, which returns this table; a
// table of another build is refused, because the two share C++ types.
#pragma once

#include <filesystem>
#include <memory>

#include "engine/base/clip_source.h"
#include "engine/base/video_clip.h"

namespace wan::media {

struct VideoCodec {
  const char* build_id;
  bool (*can_write_mp4)();
  std::unique_ptr<ClipSource> (*open)(const std::filesystem::path& path);
  void (*write_mp4)(const VideoClip& clip, const std::filesystem::path& path);
};

extern "C" using VideoCodecEntry = const VideoCodec * ();

}  // namespace wan::media
