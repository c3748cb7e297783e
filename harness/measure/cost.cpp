#include "harness/measure/cost.h"

#include <cmath>

#include "engine/base/error.h"

namespace wan::measure {
namespace {

constexpr double kSecondsPerHour = 3600;
// Prices are decimal fractions: 0.1 / 0.01 must be 10 clips and not 11.
constexpr double kRounding = 1e-9;

}  // namespace

double money_of(double gpu_s, double price_per_hour) {
  WAN_CHECK(std::isfinite(gpu_s) && gpu_s >= 0, "expected seconds, got {}", gpu_s);
  WAN_CHECK(std::isfinite(price_per_hour) && price_per_hour >= 0, "expected a price, got {}", price_per_hour);
  return gpu_s * price_per_hour / kSecondsPerHour;
}

std::optional<double> break_even_clips(double development_cost, double saved_per_clip) {
  WAN_CHECK(std::isfinite(development_cost) && development_cost >= 0, "expected a cost, got {}", development_cost);
  WAN_CHECK(std::isfinite(saved_per_clip), "expected what a clip saves, got {}", saved_per_clip);
  if (saved_per_clip <= 0) return std::nullopt;
  const double clips = development_cost / saved_per_clip;
  return std::ceil(clips * (1 - kRounding));
}

}  // namespace wan::measure
