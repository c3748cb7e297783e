#include "engine/ops/residual_norm_modulate_cuda.h"

#include <ATen/ops/empty.h>
#include <c10/core/GradMode.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

#include "engine/base/error.h"
#include "engine/kernels/residual_norm_modulate.h"
#include "engine/runtime/tensor.h"

namespace wan::ops {
namespace {

using kernels::Element;

std::optional<Element> element_of(at::ScalarType type) {
  if (type == at::kFloat) return Element::float32;
  if (type == at::kBFloat16) return Element::bfloat16;
  return std::nullopt;
}

bool aligned(const at::Tensor& t) { return reinterpret_cast<std::uintptr_t>(t.const_data_ptr()) % (4 * t.element_size()) == 0; }

bool takes_rows(const at::Tensor& t, const at::Tensor& like) {
  return !t.defined() || (t.is_cuda() && t.sizes() == like.sizes() && t.is_contiguous() && element_of(t.scalar_type()) && aligned(t));
}

// [B or 1, 1, d] float32 with the last dimension dense.
bool takes_vector(const at::Tensor& t, const at::Tensor& rows) {
  return !t.defined() || (t.is_cuda() && t.scalar_type() == at::kFloat && t.dim() == 3 && t.size(1) == 1 && t.size(2) == rows.size(2) &&
                          t.stride(2) == 1 && (t.size(0) == 1 || t.size(0) == rows.size(0)) && t.stride(0) % 4 == 0 && aligned(t));
}

bool takes_weight(const at::Tensor& t, const at::Tensor& rows) {
  return !t.defined() || (t.is_cuda() && t.scalar_type() == at::kFloat && t.numel() == rows.size(2) && t.is_contiguous() && aligned(t));
}

kernels::RowVector row_vector(const at::Tensor& t) {
  if (!t.defined()) return {};
  return {.data = t.const_data_ptr<float>(), .stride = t.size(0) == 1 ? 0 : t.stride(0)};
}

const void* data_of(const at::Tensor& t) { return t.defined() ? t.const_data_ptr() : nullptr; }

}  // namespace

std::optional<ResidualAndActivation> residual_norm_modulate_cuda(const ResidualNormModulate& in) {
  const at::Tensor& x = in.residual;
  const auto output_type = element_of(static_cast<at::ScalarType>(in.output_dtype));
  const auto d = x.size(-1);
  if (x.dim() != 3 || d % 4 != 0 || d > kernels::kResidualNormModulateMaxWidth || !output_type) return std::nullopt;
  if (!x.is_cuda() || !takes_rows(x, x) || !takes_rows(in.update, x)) return std::nullopt;
  if (!takes_vector(in.gate, x) || !takes_vector(in.scale, x) || !takes_vector(in.shift, x)) return std::nullopt;
  if (!takes_weight(in.norm_weight, x) || !takes_weight(in.norm_bias, x) || in.norm_weight.defined() != in.norm_bias.defined())
    return std::nullopt;
  if (c10::GradMode::is_enabled() && (x.requires_grad() || (in.update.defined() && in.update.requires_grad()))) return std::nullopt;

  const c10::cuda::CUDAGuard guard(x.device());
  const bool changes = in.update.defined() || x.scalar_type() != at::kFloat;
  const at::Tensor residual = changes ? at::empty(x.sizes(), x.options().dtype(at::kFloat)) : x;
  const at::Tensor output = at::empty(x.sizes(), x.options().dtype(static_cast<at::ScalarType>(in.output_dtype)));
  const kernels::ResidualNormModulateArgs args{.residual = x.const_data_ptr(),
                                               .residual_type = *element_of(x.scalar_type()),
                                               .update = data_of(in.update),
                                               .update_type = in.update.defined() ? *element_of(in.update.scalar_type()) : Element::float32,
                                               .gate = row_vector(in.gate),
                                               .scale = row_vector(in.scale),
                                               .shift = row_vector(in.shift),
                                               .norm_weight = static_cast<const float*>(data_of(in.norm_weight)),
                                               .norm_bias = static_cast<const float*>(data_of(in.norm_bias)),
                                               .residual_out = changes ? residual.mutable_data_ptr<float>() : nullptr,
                                               .output = output.mutable_data_ptr(),
                                               .output_type = *output_type,
                                               .rows = x.size(0) * x.size(1),
                                               .rows_per_group = std::max<std::int64_t>(1, x.size(1)),
                                               .d = static_cast<std::int32_t>(d),
                                               .eps = static_cast<float>(in.eps)};
  if (const cudaError_t error = kernels::launch_residual_norm_modulate(args, c10::cuda::getCurrentCUDAStream()); error != cudaSuccess)
    throw CudaError(error, fmt::format("residual_norm_modulate: {}", cudaGetErrorString(error)));
  return ResidualAndActivation{.residual = residual, .activation = {.tensor = output}};
}

}  // namespace wan::ops
