#include "engine/quant/fp8.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/exp2.h>
#include <ATen/ops/log2.h>
#include <c10/util/BFloat16.h>

#include <bit>
#include <cmath>

#include "engine/base/error.h"
#include "engine/runtime/tensor.h"

namespace wan::quant {
namespace {

constexpr float kMax = 448.0F;
constexpr float kSmallestNormal = 0x1p-6F;

// Branch-free but for the selects, so that the compiler vectorises the loop.
inline float round_one(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  const std::uint32_t sign = bits & 0x80000000U, magnitude = bits & 0x7fffffffU;
  const float size = std::bit_cast<float>(magnitude);
  // Normal numbers: keep 3 of 23 mantissa bits, ties to even. Below 2^-6 the grid is 2^-9: adding 2^14 makes float32's own last place that
  // grid.
  const float normal = std::bit_cast<float>((magnitude + 0x7ffffU + ((magnitude >> 20) & 1U)) & 0xfff00000U);
  const float subnormal = (size + 0x1p14F) - 0x1p14F;
  float rounded = size < kSmallestNormal ? subnormal : normal;
  rounded = rounded > kMax ? kMax : rounded;
  rounded = size != size ? size : rounded;
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(rounded) | sign);
}

}  // namespace

at::Tensor round_to_e4m3(const at::Tensor& x) {
  WAN_CHECK(x.device().is_cpu() && x.scalar_type() == at::kFloat, "round_to_e4m3 takes float32 on the CPU");
  const at::Tensor in = x.contiguous();
  at::Tensor out = at::empty(in.sizes(), in.options().dtype(at::kBFloat16));
  const float* source = in.const_data_ptr<float>();
  auto* target = reinterpret_cast<std::uint16_t*>(out.mutable_data_ptr<c10::BFloat16>());
  at::parallel_for(0, in.numel(), 1 << 15, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i)
      target[i] = static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(round_one(source[i])) >> 16);
  });
  return out;
}

Fp8Tensor quantize_fp8(const at::Tensor& x, Granularity granularity, at::ScalarType carrier) {
  WAN_CHECK(x.dim() == 2, "expected [rows, k], got {} dimensions", x.dim());
  const at::Tensor wide = x.to(at::kFloat);
  const at::Tensor largest =
      granularity == Granularity::per_tensor ? wide.abs().amax().reshape({1}) : wide.abs().amax({1}, /*keepdim=*/true);
  const at::Tensor scale = at::exp2(at::log2(largest.clamp_min(0x1p-60) / kMax).ceil());
  const at::Tensor scaled = wide / scale;
  // On a device the hardware type rounds the same way: nearest even, and amax / scale <= 448 leaves nothing to saturate.
  return {.values = carrier == at::kFloat8_e4m3fn ? scaled.to(at::kFloat8_e4m3fn) : round_to_e4m3(scaled), .scale = scale};
}

}  // namespace wan::quant
