// SSIM of RGB frames as a mean over places, then over the three channels: the presets differ in window, covariance and border alone.
#pragma once

#include <memory>
#include <string>

#include "metrics/metric.h"
#include "metrics/structural/window.h"

namespace wan::metrics::structural {

struct SsimPreset {
  std::string id;
  Window window;
  Border border = Border::none;
  // The sample covariance multiplies all second moments by n / (n - 1), which the ratio knows as a C2 smaller by that factor.
  double c2 = kC2;
};

// Throws UsageError where the window does not fit into the frames, or has less to reflect than it needs.
std::unique_ptr<MetricRun> begin_ssim(const SsimPreset& preset, const Format& format);

}  // namespace wan::metrics::structural
