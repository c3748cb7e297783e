// Seconds as money, and when money spent on making something faster has come back.
#pragma once

#include <optional>

namespace wan::measure {

// `gpu_s` seconds of a machine that costs `price_per_hour`, in the price's currency. CheckError if either is negative or not finite.
double money_of(double gpu_s, double price_per_hour);

// Clips after which `development_cost` has come back, rounded up to whole clips; none if a clip saves nothing. CheckError if the cost is
// negative or either is not finite.
std::optional<double> break_even_clips(double development_cost, double saved_per_clip);

}  // namespace wan::measure
