#include "harness/measure/multiplicity.h"

#include <algorithm>
#include <numeric>

#include "engine/base/error.h"

namespace wan::measure {

std::vector<double> holm_adjusted(std::span<const double> p_values) {
  for (const double p : p_values) WAN_CHECK(p >= 0 && p <= 1, "p-value {} outside [0, 1]", p);
  std::vector<std::size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p_values[a] < p_values[b]; });
  std::vector<double> adjusted(p_values.size());
  double largest = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    largest = std::max(largest, p_values[order[i]] * static_cast<double>(order.size() - i));
    adjusted[order[i]] = std::min(1.0, largest);
  }
  return adjusted;
}

}  // namespace wan::measure
