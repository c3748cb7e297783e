#include "metrics/sets/features.h"

namespace wan::metrics::sets {

FeatureSet FeatureSet::picked(std::span<const std::size_t> indices) const {
  FeatureSet out{.dimension = dimension, .values = {}};
  out.values.reserve(indices.size() * dimension);
  for (const std::size_t i : indices) out.values.insert(out.values.end(), point(i).begin(), point(i).end());
  return out;
}

}  // namespace wan::metrics::sets
