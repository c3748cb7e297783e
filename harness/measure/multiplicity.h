// Several alarms at once. "Passes all gates" needs no correction (intersection-union); "any of these fired" does (measurement.md §2.3).
#pragma once

#include <span>
#include <vector>

namespace wan::measure {

// Holm's step-down adjusted p-values (Holm 1979; statsmodels multipletests "holm"), in the order given [m]; an alarm stands where its own
// is at most alpha, and the chance of any false one is then at most alpha, however they depend on each other. None in, none out. CheckError
// if one is outside [0, 1].
std::vector<double> holm_adjusted(std::span<const double> p_values);

}  // namespace wan::measure
