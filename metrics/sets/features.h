// A set of clips as points: one vector of features a clip.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace wan::metrics::sets {

struct FeatureSet {
  std::size_t dimension = 0;
  std::vector<double> values = {};  // [clips, dimension]

  std::size_t count() const { return dimension == 0 ? 0 : values.size() / dimension; }
  std::span<const double> point(std::size_t i) const { return std::span(values).subspan(i * dimension, dimension); }
  // The points of these numbers, repeats included.
  FeatureSet picked(std::span<const std::size_t> indices) const;
};

}  // namespace wan::metrics::sets
