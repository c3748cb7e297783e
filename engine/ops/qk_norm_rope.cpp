#include "engine/ops/qk_norm_rope.h"

#include <ATen/Parallel.h>
#include <ATen/ops/complex.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/rms_norm.h>
#include <ATen/ops/view_as_complex.h>
#include <ATen/ops/view_as_real.h>
#include <c10/core/GradMode.h>

#include <array>
#include <cmath>
#include <vector>

#include "engine/base/error.h"
#include "engine/runtime/tensor.h"

namespace wan::ops {
namespace {

bool can_fuse(const at::Tensor& x, const at::Tensor& weight, const QkNormRope& in) {
  const bool followed = c10::GradMode::is_enabled() && (x.requires_grad() || weight.requires_grad());
  const bool rotates = in.cosine.defined();
  return !followed && x.is_cpu() && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16) && x.stride(2) == 1 &&
         weight.is_contiguous() &&
         (!rotates || (in.cosine.scalar_type() == at::kFloat && in.cosine.is_contiguous() && in.sine.is_contiguous()));
}

// One row of `width` values through RMSNorm and, where there are tables of `pairs` cosines and sines, the rotation of each head's pairs.
// Written as short loops over lanes, which the compiler turns into vector instructions at -O2.
template <typename T>
class RowKernel {
 public:
  RowKernel(const float* weight, std::int64_t width, std::int64_t heads, double eps)
      : weight_(weight),
        width_(width),
        heads_(heads),
        pairs_(width / heads / 2),
        eps_(static_cast<float>(eps)),
        row_(static_cast<std::size_t>(width)) {}

  void operator()(const T* x, const float* cosine, const float* sine, T* out) {
    constexpr std::int64_t kLanes = 16;
    float* __restrict row = row_.data();
    for (std::int64_t i = 0; i < width_; ++i) row[i] = static_cast<float>(x[i]);
    float sums[kLanes] = {};
    const std::int64_t whole = width_ / kLanes * kLanes;
    for (std::int64_t i = 0; i < whole; i += kLanes)
      for (std::int64_t lane = 0; lane < kLanes; ++lane) sums[lane] += row[i + lane] * row[i + lane];
    for (std::int64_t i = whole; i < width_; ++i) sums[0] += row[i] * row[i];
    for (std::int64_t half = kLanes / 2; half > 0; half /= 2)
      for (std::int64_t lane = 0; lane < half; ++lane) sums[lane] += sums[lane + half];
    const float scale = 1.0F / std::sqrt(sums[0] / static_cast<float>(width_) + eps_);
    for (std::int64_t i = 0; i < whole; i += kLanes)
      for (std::int64_t lane = 0; lane < kLanes; ++lane) row[i + lane] = row[i + lane] * scale * weight_[i + lane];
    for (std::int64_t i = whole; i < width_; ++i) row[i] = row[i] * scale * weight_[i];
    if (!cosine) {
      for (std::int64_t i = 0; i < width_; ++i) out[i] = static_cast<T>(row[i]);
      return;
    }
    for (std::int64_t head = 0; head < heads_; ++head, row += 2 * pairs_, out += 2 * pairs_)
      for (std::int64_t pair = 0; pair < pairs_; ++pair) {
        const float a = row[2 * pair], b = row[2 * pair + 1];
        out[2 * pair] = static_cast<T>(a * cosine[pair] - b * sine[pair]);
        out[2 * pair + 1] = static_cast<T>(a * sine[pair] + b * cosine[pair]);
      }
  }

 private:
  const float* weight_;
  std::int64_t width_, heads_, pairs_;
  float eps_;
  std::vector<float> row_;
};

// LibTorch's way is a dozen passes over memory; this is one.
template <typename T>
at::Tensor fused(const at::Tensor& x, const at::Tensor& weight, const QkNormRope& in) {
  const std::int64_t length = x.size(1), width = x.size(2), pairs = width / in.heads / 2;
  at::Tensor out = at::empty(x.sizes(), x.options().memory_format(at::MemoryFormat::Contiguous));
  const at::Tensor scale = weight.to(at::kFloat);
  const float* cosine = in.cosine.defined() ? in.cosine.const_data_ptr<float>() : nullptr;
  const float* sine = cosine ? in.sine.const_data_ptr<float>() : nullptr;
  const T* from = x.const_data_ptr<T>();
  T* to = out.mutable_data_ptr<T>();
  constexpr std::int64_t kValuesAGrain = 1 << 14;
  at::parallel_for(0, x.size(0) * length, std::max<std::int64_t>(1, kValuesAGrain / width), [&](std::int64_t begin, std::int64_t end) {
    RowKernel<T> kernel(scale.const_data_ptr<float>(), width, in.heads, in.eps);
    for (std::int64_t row = begin; row < end; ++row) {
      const std::int64_t b = row / length, token = row % length, turn = token * pairs;
      kernel(from + b * x.stride(0) + token * x.stride(1), cosine ? cosine + turn : nullptr, sine ? sine + turn : nullptr,
             to + row * width);
    }
  });
  return out.unflatten(2, {in.heads, width / in.heads}).transpose(1, 2);
}

}  // namespace

at::Tensor norm_rope(const at::Tensor& x, const at::Tensor& weight, const QkNormRope& in) {
  const auto d = x.size(2), head_dim = d / in.heads;
  WAN_CHECK(x.dim() == 3 && d % in.heads == 0, "expected [B, L, heads * head_dim], got width {} for {} heads", d, in.heads);
  if (can_fuse(x, weight, in)) return x.scalar_type() == at::kFloat ? fused<float>(x, weight, in) : fused<c10::BFloat16>(x, weight, in);
  at::Tensor y = at::rms_norm(widened(x), {d}, widened(weight), in.eps);  // [B, L, d]
  y = y.unflatten(2, {in.heads, head_dim});                               // [B, L, heads, hd]
  if (in.cosine.defined()) {
    const at::Tensor rotation = at::complex(in.cosine, in.sine).unsqueeze(1);                            // [L, 1, hd / 2]
    y = at::view_as_real(at::view_as_complex(y.unflatten(3, {head_dim / 2, 2})) * rotation).flatten(3);  // [B, L, heads, hd]
  }
  return y.to(x.scalar_type()).transpose(1, 2);  // [B, heads, L, hd]
}

std::array<at::Tensor, 2> qk_norm_rope(const QkNormRope& in) {
  return {in.query.defined() ? norm_rope(in.query, in.query_weight, in) : at::Tensor(),
          in.key.defined() ? norm_rope(in.key, in.key_weight, in) : at::Tensor()};
}

}  // namespace wan::ops
