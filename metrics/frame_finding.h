// What the detectors of single frames share: which frames of the candidate show a fault that the reference does not show.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "metrics/score.h"
#include "metrics/statistics.h"

namespace wan::metrics {

// One frame's fault in both clips.
struct FrameFault {
  bool candidate = false;  // clearly there
  bool reference = false;  // there, or so near to it that a small change could tip it over
};

// Fires on frames that only the candidate has, provided it has more of them than the reference: a fade to black that comes one frame
// later than in the reference is no artifact. `fault` completes "3 of 17 frames are ...".
ArtifactFinding judge_frames(const std::string& detector, const std::string& fault, const std::vector<FrameFault>& frames);

// The same for frames in which at least `share` of the pixels are `counted` (dark, bright). The reference counts from a share of 0.90 on: a
// scene at the limit must not fire because of some pixels.
ArtifactFinding judge_share(const std::string& detector, const std::string& fault, const Statistics& statistics,
                            std::uint64_t ColourSums::*counted, double share);

// A quantity that is too far from the reference's in some frames.
struct Excess {
  std::string quantity;             // "brightness differs by"; completed by the worst frame's value
  std::vector<double> value = {};   // to tell, one a frame
  std::vector<double> excess = {};  // beyond its limit where positive
};
// Fires on runs of at least `span` frames beyond the limit; in a shorter clip, on all of its frames.
ArtifactFinding judge_excess(const std::string& detector, const Excess& excess, std::int64_t span);

}  // namespace wan::metrics
