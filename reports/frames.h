// The frames that a reviewer should see: of every configuration the worst clip, and in it the worst frame, beside the baseline's.
// Reads clips of the run's folder, where the run kept them, and nothing else.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reports/section.h"

namespace wan::reports {

struct WorstFrame {
  const store::Cell* candidate = nullptr;
  const store::Cell* baseline = nullptr;
  const store::Cell* floor = nullptr;  // the same prompt and seed under the noise floor; nullptr if there is none
  std::size_t frame = 0;
  std::string metric;  // by which it is the worst
  double value = 0;    // of this frame
};

// One a configuration that has frame scores and differs from its baseline, worst first.
std::vector<WorstFrame> worst_frames(const Dataset& data);

// Data URIs of PNG images. Frames wider than 480 pixels are averaged down to fit a page.
struct FrameImages {
  std::string baseline, candidate, difference, floor_difference = {};
  int gain = 1;  // of both differences
  std::int64_t width = 0, height = 0;
};

// nullopt and a reason if a clip was not kept or cannot be read.
std::optional<FrameImages> read_frame_images(const Dataset& data, const WorstFrame& worst, std::string& reason);

}  // namespace wan::reports
