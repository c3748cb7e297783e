#include "harness/measure/distributions.h"

#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>

#include "engine/base/error.h"

namespace wan::measure {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

void check_probability(double p) { WAN_CHECK(p >= 0 && p <= 1, "probability {} outside [0, 1]", p); }

void check_degrees(double degrees) { WAN_CHECK(degrees > 0 && std::isfinite(degrees), "{} degrees of freedom", degrees); }

// Boost throws where a quantile is infinite.
template <typename Distribution>
double unbounded_quantile(const Distribution& distribution, double p) {
  if (p == 0) return -kInfinity;
  if (p == 1) return kInfinity;
  return boost::math::quantile(distribution, p);
}

}  // namespace

double normal_cdf(double z) {
  WAN_CHECK(!std::isnan(z), "the normal distribution of NaN");
  return boost::math::cdf(boost::math::normal_distribution<double>(), z);
}

double normal_quantile(double p) {
  check_probability(p);
  return unbounded_quantile(boost::math::normal_distribution<double>(), p);
}

double student_t_cdf(double t, double degrees_of_freedom) {
  check_degrees(degrees_of_freedom);
  WAN_CHECK(!std::isnan(t), "the t distribution of NaN");
  if (std::isinf(t)) return t > 0 ? 1 : 0;
  return boost::math::cdf(boost::math::students_t_distribution<double>(degrees_of_freedom), t);
}

double student_t_quantile(double p, double degrees_of_freedom) {
  check_probability(p);
  check_degrees(degrees_of_freedom);
  return unbounded_quantile(boost::math::students_t_distribution<double>(degrees_of_freedom), p);
}

double beta_quantile(double p, double a, double b) {
  check_probability(p);
  WAN_CHECK(a > 0 && b > 0 && std::isfinite(a) && std::isfinite(b), "beta distribution of {} and {}", a, b);
  return boost::math::quantile(boost::math::beta_distribution<double>(a, b), p);
}

double binomial_cdf(std::size_t successes, std::size_t trials, double rate) {
  check_probability(rate);
  WAN_CHECK(successes <= trials, "{} successes of {} trials", successes, trials);
  return boost::math::cdf(boost::math::binomial_distribution<double>(static_cast<double>(trials), rate), static_cast<double>(successes));
}

}  // namespace wan::measure
