// What one run comes to, configuration by configuration, in the gate's own arithmetic.
#pragma once

#include <vector>

#include "harness/store/index.h"
#include "harness/store/record.h"

namespace wan::history {

inline constexpr const char* kSpeedup = "speedup";  // ratio over the speed baseline of the same blocks, so drift and machine cancel
inline constexpr const char* kClipTime = "clip_s";  // seconds, the median over valid visits

// Of each configuration the suite's SSIM, LPIPS and PSNR, and its speed-up; the time of a clip where there is none, and of the reference:
// what slows all alike no ratio shows. Nothing where clips are missing, where the time proves nothing on this device, or no block is valid.
std::vector<store::IndexedFigure> figures_of(const store::RunRecord& run);

}  // namespace wan::history
