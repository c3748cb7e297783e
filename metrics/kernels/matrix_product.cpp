#include "metrics/kernels/matrix_product.h"

#include "engine/base/error.h"

namespace wan::metrics {

WAN_SIMD_TABLES(MatrixProductKernels, matrix_product, matrix_product_kernels)

std::vector<float> to_panels(const std::vector<float>& right, std::size_t columns) {
  WAN_CHECK(columns % kPanel == 0 && right.size() % columns == 0, "{} numbers in {} columns", right.size(), columns);
  const std::size_t depth = right.size() / columns;
  std::vector<float> panels(right.size());
  for (std::size_t k = 0; k < depth; ++k)
    for (std::size_t c = 0; c < columns; ++c) panels[(c / kPanel * depth + k) * kPanel + c % kPanel] = right[k * columns + c];
  return panels;
}

}  // namespace wan::metrics
