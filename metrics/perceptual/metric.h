// What the catalogue's metrics on LPIPS features have in common: one value a frame from the features of both clips.
#pragma once

#include <memory>
#include <string>

#include "metrics/metric.h"
#include "metrics/perceptual/comparison.h"

namespace wan::metrics::perceptual {

// A frame's value; `before` is the frame before it.
using FrameValue = double (*)(const Network& network, const FeaturePair& now, const FeaturePair& before, const Format& format);

// A run of the metric `id`, which gives one score of its own name with the values of frames first ... T-1. Throws UsageError if the metric
// cannot be computed.
std::unique_ptr<MetricRun> begin(const Trunk& trunk, const Format& format, std::string id, FrameValue value, std::int64_t first = 0);

double lpips(const Network& network, const FeaturePair& now, const FeaturePair& before, const Format& format);
double lpips_spatial_mean(const Network& network, const FeaturePair& now, const FeaturePair& before, const Format& format);

}  // namespace wan::metrics::perceptual
