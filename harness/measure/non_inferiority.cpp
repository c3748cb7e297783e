#include "harness/measure/non_inferiority.h"

#include <algorithm>
#include <cmath>

#include "engine/base/error.h"
#include "harness/measure/paired_means.h"

namespace wan::measure {
namespace {

constexpr double kShareOfMean = 0.01;      // MLPerf's 99 % rule
constexpr double kShareOfDeviation = 0.3;  // what 70 to 97 prompts can show

}  // namespace

double loss(LossScale scale, double score) {
  WAN_CHECK(!std::isnan(score), "the loss of a score that is NaN");
  switch (scale) {
    case LossScale::psnr_db:
      return -std::min(score, kPsnrCapDb);
    case LossScale::ssim_db:
      WAN_CHECK(score <= 1, "SSIM of {} above 1", score);
      return std::max(10 * std::log10(1 - score), -kSsimCapDb);
    case LossScale::log:
      WAN_CHECK(score >= 0, "the logarithm of a score of {}", score);
      return std::log(std::max(score, kLogFloor));
    case LossScale::plain:
      return -score;
  }
  WAN_CHECK(false, "loss scale {}", static_cast<int>(scale));
  return 0;
}

double score_of(LossScale scale, double loss) {
  switch (scale) {
    case LossScale::psnr_db:
    case LossScale::plain:
      return -loss;
    case LossScale::ssim_db:
      return 1 - std::pow(10, loss / 10);
    case LossScale::log:
      return std::exp(loss);
  }
  WAN_CHECK(false, "loss scale {}", static_cast<int>(scale));
  return 0;
}

std::vector<double> worsening(LossScale scale, std::span<const double> reference, std::span<const double> candidate) {
  WAN_CHECK(reference.size() == candidate.size(), "{} reference scores, {} of the candidate", reference.size(), candidate.size());
  std::vector<double> differences;
  for (std::size_t i = 0; i < candidate.size(); ++i) differences.push_back(loss(scale, candidate[i]) - loss(scale, reference[i]));
  return differences;
}

std::vector<double> worsening_beyond(LossScale scale, double limit, std::span<const double> candidate) {
  const double loss_of_limit = loss(scale, limit);
  std::vector<double> differences;
  for (const double score : candidate) differences.push_back(loss(scale, score) - loss_of_limit);
  return differences;
}

FrozenMargin frozen_margin(const Calibration& calibration) {
  const double deviation = calibration.standard_deviation_of_differences;
  WAN_CHECK(std::isfinite(calibration.mean) && std::isfinite(deviation) && deviation >= 0, "a calibration of mean {}, deviation {}",
            calibration.mean, deviation);
  return {.value = std::min(kShareOfMean * std::abs(calibration.mean), kShareOfDeviation * deviation)};
}

NonInferiority non_inferiority(std::span<const double> worsening, FrozenMargin margin, double alpha) {
  WAN_CHECK(alpha > 0 && alpha < 0.5, "alpha {} outside (0, 0.5)", alpha);
  WAN_CHECK(margin.value >= 0, "a margin of {}", margin.value);
  const auto bounds = mean_interval(worsening, {.level = 1 - 2 * alpha});
  return {.n = worsening.size(),
          .mean = mean_of_differences(worsening).mean,
          .bounds = bounds,
          .margin = margin,
          .decision = decide(bounds, margin.value)};
}

}  // namespace wan::measure
