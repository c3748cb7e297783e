// The presets of SSIM on RGB against the definition written down directly. Equality with the tools: structural_golden_test.cpp.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>
#include <utility>

#include "metrics/scorer.h"
#include "tests/support/metrics/direct_ssim.h"
#include "tests/support/metrics/synthetic_clip.h"

namespace wan::metrics {
namespace {

using testing::DirectSsim;

std::vector<long double> gaussian() {
  std::vector<long double> weights;
  long double sum = 0;
  for (int i = -5; i <= 5; ++i) sum += weights.emplace_back(std::exp(-i * i / 4.5L));
  for (long double& weight : weights) weight /= sum;
  return weights;
}

std::vector<long double> uniform(std::size_t taps) { return std::vector<long double>(taps, 1.0L / static_cast<long double>(taps)); }

const std::map<std::string, DirectSsim>& definitions() {
  // torch's float32 window: exp and sum in float32.
  static const std::vector<long double> kFloat32 = {0.0010283803567290306L, 0.0075987582094967365L, 0.036000773310661316L,
                                                    0.10936068743467331L,   0.21300552785396576L,   0.26601171493530273L,
                                                    0.21300552785396576L,   0.10936068743467331L,   0.036000773310661316L,
                                                    0.0075987582094967365L, 0.0010283803567290306L};
  static const std::map<std::string, DirectSsim> kDefinitions = {
      {"ssim.ipol", {.weights = gaussian()}},
      {"ssim.skimage7", {.weights = uniform(7), .covariance_factor = 49.0L / 48}},
      {"ssim.torchmetrics", {.weights = gaussian(), .border = DirectSsim::reflect}},
      {"ssim.pytorch_msssim", {.weights = kFloat32}},
      {"ssim.svg", {.weights = uniform(11), .border = DirectSsim::zero}},
      {"ssim.ffmpeg",
       {.weights = uniform(8), .step = 4, .covariance_factor = 64.0L / 63, .c1 = 416.0L / 4096, .c2 = 235963.0L / (64 * 63)}},
  };
  return kDefinitions;
}

double value(const std::string& id, const VideoClip& x, const VideoClip& y) {
  return score(x, y, {.metrics = {{id}}}).find(id)->pooled.mean;
}

// 1e-11: window means of 1.3e5 carry about 3e-11 of rounding in float64, the denominators are at least 58, and errors average out.
constexpr double kTolerance = 1e-11;

// Widths on both sides of one and two strips of 32 places of the 11-tap window, the smallest frame, odd sizes.
TEST(SsimPresets, EqualTheDefinition) {
  const std::pair<std::int64_t, std::int64_t> sizes[] = {{11, 11}, {12, 11}, {11, 12}, {13, 42}, {12, 43}, {11, 75}, {23, 31}};
  for (const auto& [height, width] : sizes)
    for (const int amplitude : {1, 25, 200}) {
      const VideoClip clip = testing::moving_ramps({1, height, width});
      const VideoClip other = testing::noisy(clip, amplitude);
      for (const auto& [id, definition] : definitions())
        EXPECT_NEAR(value(id, clip, other), testing::direct_ssim(clip, other, definition), kTolerance)
            << id << ' ' << height << "x" << width << " amplitude " << amplitude;
    }
}

TEST(SsimPresets, EqualTheDefinitionOnFlatAreas) {
  for (const int level : {0, 1, 235, 255}) {
    const VideoClip clip = testing::flat({1, 14, 15}, static_cast<std::uint8_t>(level));
    const VideoClip other = testing::noisy(clip, 1);
    for (const auto& [id, definition] : definitions())
      EXPECT_NEAR(value(id, clip, other), testing::direct_ssim(clip, other, definition), kTolerance) << id << " flat " << level;
  }
}

}  // namespace
}  // namespace wan::metrics
