#include "metrics/kernels/pyramid.h"

namespace wan::metrics {

WAN_SIMD_TABLES(PyramidKernels, pyramid, pyramid_kernels)

}  // namespace wan::metrics
