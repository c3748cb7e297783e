// Multi-scale SSIM of RGB frames (Wang et al. 2003) over five scales, each half of the one before: the product of the powers of the mean
// contrast-structure terms, at the last scale of the mean SSIM. A negative mean counts as 0, as both libraries have it by default.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "metrics/metric.h"
#include "metrics/structural/window.h"

namespace wan::metrics::structural {

constexpr int kScales = 5;
constexpr std::array<double, kScales> kScaleWeights{0.0448, 0.2856, 0.3001, 0.2363, 0.1333};
// The same as the float32 values that some tools raise to.
constexpr std::array<double, kScales> kFloat32ScaleWeights{0.0448f, 0.2856f, 0.3001f, 0.2363f, 0.1333f};

struct MsSsimPreset {
  std::string id;
  Window window;
  std::array<double, kScales> weights = kScaleWeights;
  std::int64_t smallest_side = 0;     // that the library takes
  bool pad_odd = false;               // Halving.pad
  Border last_border = Border::none;  // at the last scale
  bool channels_first = false;        // mean over the channels before the powers, not of their products
};

// Throws UsageError below the smallest side.
std::unique_ptr<MetricRun> begin_ms_ssim(const MsSsimPreset& preset, const Format& format);

}  // namespace wan::metrics::structural
