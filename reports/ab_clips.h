// Kept clips as a page of blind trials embeds them. Opens clips of the run's folder and nothing else.
#pragma once

#include <string>
#include <vector>

#include "reports/section.h"

namespace wan::reports {

enum class AbMedia {
  mp4,  // H.264, lossy: what differs by less than the codec keeps is gone
  png,  // lossless, some tens of times as large
};

// What this build and the run's shape allow: H.264 in 4:2:0 wants even sizes.
AbMedia ab_media(const store::RunRecord& run);

struct AbClip {
  std::vector<std::string> base64 = {};  // one MP4, or a PNG a frame
  double frames_per_second = 0;
};

// UsageError if the file cannot be read or encoded.
AbClip read_ab_clip(const Dataset& data, const store::Cell& cell, AbMedia media);

}  // namespace wan::reports
