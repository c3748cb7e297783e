// A trunk with its weights: from a frame to the feature maps that LPIPS compares.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "metrics/metric.h"
#include "metrics/perceptual/convolution.h"
#include "metrics/perceptual/trunk.h"
#include "metrics/score_cache.h"

namespace wan::metrics::perceptual {

using Features = std::vector<FeatureMap>;  // the compared maps of one frame, in the trunk's order

class Network final : public ScoreCache::Entry {
 public:
  // For frames of one size. Throws UsageError, naming ci/bootstrap, if the file is missing or another.
  Network(const Trunk& trunk, const std::string& data_dir, std::int64_t height, std::int64_t width);
  // From the cache, if it is there. Throws as the constructor does, and if frames of that size are too small for the trunk; `user` is the
  // id of the metric that wants it.
  static std::shared_ptr<const Network> find(const Trunk& trunk, const Format& format, std::string_view user);

  // frame [height, width, 3] uint8 sRGB, scaled as LPIPS v0.1 does. The bits are the same at every level.
  Features run(std::span<const std::uint8_t> frame, Scratch& scratch, Simd simd = best_simd()) const;

  const Trunk& trunk() const { return trunk_; }
  const std::vector<float>& linear(std::size_t map) const { return linear_[map]; }
  std::size_t bytes() const;

 private:
  const Trunk& trunk_;
  const std::int64_t height_, width_;
  std::vector<Convolution> layers_;
  std::vector<std::vector<float>> linear_;
  std::array<std::array<float, 3>, 256> inputs_;
};

}  // namespace wan::metrics::perceptual
