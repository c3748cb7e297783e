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

ArtifactFinding judge_share(const std::string& detector, const std::string& fault, const Statistics& statistics,
                            std::uint64_t ColourSums::*counted, double share) {
  constexpr double kReferenceShare = 0.90;
  const auto beyond = [&](const FrameStatistics& frame, double limit) {
    return static_cast<double>(frame.colour.*counted) >= limit * static_cast<double>(statistics.pixels());
  };
  std::vector<FrameFault> frames;
  for (std::size_t i = 0; i < statistics.pairs.size(); ++i)
    frames.push_back({.candidate = beyond(statistics.candidate[i], share),
                      .reference = beyond(statistics.reference[i], std::min(share, kReferenceShare))});
  return judge_frames(detector, fault, frames);
}

ArtifactFinding judge_excess(const std::string& detector, const Excess& given, std::int64_t span) {
  ArtifactFinding finding{.detector = detector};
  const auto n = static_cast<std::int64_t>(given.excess.size());
  const auto excess = [&](std::int64_t frame) { return given.excess[static_cast<std::size_t>(frame)]; };
  std::int64_t worst = -1;
  for (std::int64_t first = 0, end = 0; first < n; first = end + 1) {
    for (end = first; end < n && excess(end) > 0;) ++end;
    if (end - first < std::min(span, n)) continue;
    for (std::int64_t i = first; i < end; ++i) {
      finding.frames.push_back(i);
      if (worst < 0 || excess(i) > excess(worst)) worst = i;
    }
  }
  finding.fired = !finding.frames.empty();
  if (finding.fired)
    finding.detail = fmt::format("{} {:.3g} in frame {}, beyond the limit in {} of {}", given.quantity,
                                 given.value[static_cast<std::size_t>(worst)], worst, finding.frames.size(), n);
  return finding;
}

}  // namespace wan::metrics
