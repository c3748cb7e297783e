#include "metrics/kernels/feature_maps.h"

namespace wan::metrics {

WAN_SIMD_TABLES(FeatureMapKernels, feature_maps, feature_map_kernels)

}  // namespace wan::metrics
