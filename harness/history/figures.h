// What one run comes to, configuration by configuration, in the gate's own arithmetic.
#pragma once

#include <vector>

#include "harness/store/index.h"
#include "harness/store/record.h"

namespace wan::history {

// Of each configuration the suite's SSIM, LPIPS and PSNR, and its speed-up over the speed baseline of the same blocks, where drift and
// machine cancel; its time (median over valid visits, seconds) where there is none, and of the reference:
// what slows all alike no ratio shows. Nothing where clips are missing, where the time proves nothing on this device, or no block is valid.
std::vector<store::IndexedFigure> figures_of(const store::RunRecord& run);

}  // namespace wan::history
