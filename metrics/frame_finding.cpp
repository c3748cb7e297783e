#include "metrics/frame_finding.h"

#include <fmt/format.h>

#include <algorithm>

namespace wan::metrics {

ArtifactFinding judge_frames(const std::string& detector, const std::string& fault, const std::vector<FrameFault>& frames) {
  ArtifactFinding finding{.detector = detector};
  for (std::size_t i = 0; i < frames.size(); ++i)
    if (frames[i].candidate && !frames[i].reference) finding.frames.push_back(static_cast<std::int64_t>(i));
  const auto in_candidate = std::count_if(frames.begin(), frames.end(), [](const FrameFault& f) { return f.candidate; });
  const auto in_reference = std::count_if(frames.begin(), frames.end(), [](const FrameFault& f) { return f.reference; });
  finding.fired = !finding.frames.empty() && in_candidate > in_reference;
  if (!finding.fired) finding.frames.clear();
  if (in_candidate > 0)
    finding.detail = fmt::format("{} of {} frames are {}, {} in the reference", in_candidate, frames.size(), fault, in_reference);
  return finding;
}

}  // namespace wan::metrics
