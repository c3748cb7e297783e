#include "metrics/kernels/blocks.h"

namespace wan::metrics {

WAN_SIMD_TABLES(BlockKernels, blocks, block_kernels)

}  // namespace wan::metrics
