// What is asked of an interval and of a test, and the interval itself. Plain values; an open end is infinite.
#pragma once

#include <limits>

namespace wan::measure {

enum class Bounds { both, lower, upper };  // `lower` alone leaves the high end open, `upper` alone the low end

struct Confidence {
  double level = 0.95;  // in (0, 1); of a one-sided bound, of that bound
  Bounds bounds = Bounds::both;
};

struct Interval {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  double level = 0;  // as asked for
};

enum class Alternative { two_sided, less, greater };  // of the location, against zero

}  // namespace wan::measure
