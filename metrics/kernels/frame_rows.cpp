#include "metrics/kernels/frame_rows.h"

namespace wan::metrics {

WAN_SIMD_TABLES(FrameRowKernels, frame_rows, frame_row_kernels)

}  // namespace wan::metrics
