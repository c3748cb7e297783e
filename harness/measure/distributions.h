// The few distribution functions that the statistics need: a thin door to Boost.Math, which no other file here includes.
//
// Each throws CheckError on a parameter outside its range or NaN. Quantiles of 0 and 1 are the ends of the support, infinite for normal and
// t.
#pragma once

#include <cstddef>

namespace wan::measure {

double normal_cdf(double z);
double normal_quantile(double p);

double student_t_cdf(double t, double degrees_of_freedom);  // degrees > 0, not necessarily whole (Welch)
double student_t_quantile(double p, double degrees_of_freedom);

double beta_quantile(double p, double a, double b);                           // a, b > 0
double binomial_cdf(std::size_t successes, std::size_t trials, double rate);  // P(X <= successes), rate in [0, 1]

}  // namespace wan::measure
