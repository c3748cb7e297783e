#include "engine/quant/int8.h"

#include <ATen/ops/_int_mm.h>
#include <ATen/ops/constant_pad_nd.h>

#include "engine/base/error.h"
#include "engine/runtime/tensor.h"

namespace wan::quant {

Int8Tensor quantize_int8(const at::Tensor& x) {
  WAN_CHECK(x.dim() == 2, "expected [rows, k], got {} dimensions", x.dim());
  const at::Tensor wide = x.to(at::kFloat);
  const at::Tensor scale = wide.abs().amax({1}, /*keepdim=*/true).clamp_min(0x1p-100) / 127.0;
  return {.values = (wide / scale).round().clamp(-127, 127).to(at::kChar), .scale = scale};
}

at::Tensor dequantize(const Int8Tensor& q, at::ScalarType dtype) { return (q.values.to(at::kFloat) * q.scale).to(dtype); }

at::Tensor int8_matmul(const Int8Tensor& x, const Int8Tensor& w, at::ScalarType dtype) {
  // cuBLASLt's product takes more than 16 rows; the time embedding has one. Rows of zeros change nothing and are cut off again.
  const auto rows = x.values.size(0), missing = x.values.is_cuda() && rows <= 16 ? 32 - rows : 0;
  const at::Tensor left = missing > 0 ? at::constant_pad_nd(x.values, {0, 0, 0, missing}) : x.values;
  return (at::_int_mm(left, w.values.t()).narrow(0, 0, rows).to(at::kFloat) * x.scale * w.scale.t()).to(dtype);
}

}  // namespace wan::quant
