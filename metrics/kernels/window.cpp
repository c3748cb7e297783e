#include "metrics/kernels/window.h"

namespace wan::metrics {

WAN_SIMD_TABLES(WindowKernels, window, window_kernels)

}  // namespace wan::metrics
