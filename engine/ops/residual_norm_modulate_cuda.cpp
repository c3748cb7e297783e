#include "engine/ops/residual_norm_modulate_cuda.h"

#include <ATen/ops/empty.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

#include <algorithm>

#include "engine/kernels/residual_norm_modulate.h"
#include "engine/ops/operands_cuda.h"
#include "engine/runtime/tensor.h"

namespace wan::ops {
namespace {

using kernels::Element;

bool takes_rows(const at::Tensor& t, const at::Tensor& like) {
  return !t.defined() || (t.is_cuda() && t.sizes() == like.sizes() && t.is_contiguous() && element_of(t.scalar_type()) && aligned(t, 4));
}

// [B or 1, 1, d] float32 with the last dimension dense.
bool takes_vector(const at::Tensor& t, const at::Tensor& rows) {
  return !t.defined() || (t.is_cuda() && t.scalar_type() == at::kFloat && t.dim() == 3 && t.size(1) == 1 && t.size(2) == rows.size(2) &&
                          t.stride(2) == 1 && (t.size(0) == 1 || t.size(0) == rows.size(0)) && t.stride(0) % 4 == 0 && aligned(t, 4));
}

bool takes_weight(const at::Tensor& t, const at::Tensor& rows) {
  return !t.defined() || (t.is_cuda() && t.scalar_type() == at::kFloat && t.numel() == rows.size(2) && t.is_contiguous() && aligned(t, 4));
}

kernels::RowVector row_vector(const at::Tensor& t) {
  if (!t.defined()) return {};
  return {.data = t.const_data_ptr<float>(), .stride = t.size(0) == 1 ? 0 : t.stride(0)};
}

const void* data_of(const at::Tensor& t) { return t.defined() ? t.const_data_ptr() : nullptr; }

// What the kernel's two outputs are; the residual is the tensor that came where nothing changes it.
struct Outputs {
  at::Tensor residual, activation;
};

Outputs launch(const ResidualNormModulate& in) {
  const at::Tensor& x = in.residual;
  const c10::cuda::CUDAGuard guard(x.device());
  const bool changes = in.update.defined() || x.scalar_type() != at::kFloat;
  const auto output_type = static_cast<at::ScalarType>(in.output_dtype);
  Outputs out{.residual = changes ? at::empty(x.sizes(), x.options().dtype(at::kFloat)) : x,
              .activation = at::empty(x.sizes(), x.options().dtype(output_type))};
  check(
      kernels::launch_residual_norm_modulate({.residual = x.const_data_ptr(),
                                              .residual_type = *element_of(x.scalar_type()),
                                              .update = data_of(in.update),
                                              .update_type = in.update.defined() ? *element_of(in.update.scalar_type()) : Element::float32,
                                              .gate = row_vector(in.gate),
                                              .scale = row_vector(in.scale),
                                              .shift = row_vector(in.shift),
                                              .norm_weight = static_cast<const float*>(data_of(in.norm_weight)),
                                              .norm_bias = static_cast<const float*>(data_of(in.norm_bias)),
                                              .residual_out = changes ? out.residual.mutable_data_ptr<float>() : nullptr,
                                              .output = out.activation.mutable_data_ptr(),
                                              .output_type = *element_of(output_type),
                                              .rows = x.size(0) * x.size(1),
                                              .rows_per_group = std::max<std::int64_t>(1, x.size(1)),
                                              .d = static_cast<std::int32_t>(x.size(2)),
                                              .eps = static_cast<float>(in.eps)},
                                             c10::cuda::getCurrentCUDAStream()),
      "residual_norm_modulate");
  return out;
}

// With its gradients. `shift` and `norm_bias` are never read by them.
class Followed : public torch::autograd::Function<Followed> {
 public:
  using Context = torch::autograd::AutogradContext;
  using Variables = torch::autograd::variable_list;

  // Autograd takes an absent tensor as an empty optional only.
  using Absent = std::optional<at::Tensor>;

  static Variables forward(Context* context, const at::Tensor& residual, const Absent& updates, const Absent& gates, const Absent& weights,
                           const Absent& biases, const Absent& scales, const Absent& shifts, double eps, std::int64_t output_dtype) {
    const auto tensor = [](const Absent& t) { return t.value_or(at::Tensor()); };
    const at::Tensor update = tensor(updates), gate = tensor(gates), norm_weight = tensor(weights), norm_bias = tensor(biases),
                     scale = tensor(scales), shift = tensor(shifts);
    const Outputs out = launch({.residual = residual,
                                .update = update,
                                .gate = gate,
                                .norm_weight = norm_weight,
                                .norm_bias = norm_bias,
                                .scale = scale,
                                .shift = shift,
                                .eps = eps,
                                .output_dtype = static_cast<int>(output_dtype)});
    context->save_for_backward({out.residual, update, gate, norm_weight, scale});
    context->saved_data["eps"] = eps;
    context->saved_data["input"] = static_cast<std::int64_t>(residual.scalar_type());
    context->set_materialize_grads(false);
    return {out.residual, out.activation};
  }

  static Variables backward(Context* context, const Variables& gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], &update = saved[1], &gate = saved[2], &norm_weight = saved[3], &scale = saved[4];
    if (!gradients[1].defined()) return {gradients[0], {}, {}, {}, {}, {}, {}, {}, {}};  // nobody reads the activation: not in this model
    const c10::cuda::CUDAGuard guard(x.device());
    const at::Tensor d_output = gradients[1].contiguous();
    const at::Tensor d_residual = gradients[0].defined() ? gradients[0].contiguous() : at::Tensor();
    const auto groups = x.size(0), length = x.size(1), d = x.size(2);
    constexpr std::int64_t kBlocks = 528;  // four for each of a large card's multiprocessors
    const std::int64_t parts = std::clamp<std::int64_t>((kBlocks + groups - 1) / groups, 1, std::max<std::int64_t>(1, length / 8));
    const bool scales = scale.defined() || norm_weight.defined();
    const at::Tensor d_input = at::empty(x.sizes(), x.options().dtype(static_cast<at::ScalarType>(context->saved_data["input"].toInt())));
    const at::Tensor d_update = update.defined() ? at::empty_like(update) : at::Tensor();
    const at::Tensor sums = at::empty({3, groups, parts, d}, x.options());
    float* place = sums.mutable_data_ptr<float>();
    check(kernels::launch_residual_norm_modulate_backward(
              {.x = x.const_data_ptr<float>(),
               .d_output = d_output.const_data_ptr(),
               .output_type = *element_of(d_output.scalar_type()),
               .d_residual = static_cast<const float*>(data_of(d_residual)),
               .update = data_of(update),
               .update_type = update.defined() ? *element_of(update.scalar_type()) : Element::float32,
               .gate = row_vector(gate),
               .scale = row_vector(scale),
               .norm_weight = static_cast<const float*>(data_of(norm_weight)),
               .d_input = d_input.mutable_data_ptr(),
               .input_type = *element_of(d_input.scalar_type()),
               .d_update = update.defined() ? d_update.mutable_data_ptr() : nullptr,
               .d_gate = gate.defined() ? place + 2 * sums.stride(0) : nullptr,
               .d_scale = scales ? place : nullptr,
               .d_shift = scales ? place + sums.stride(0) : nullptr,
               .rows = groups * length,
               .rows_per_group = std::max<std::int64_t>(1, length),
               .parts = static_cast<std::int32_t>(parts),
               .d = static_cast<std::int32_t>(d),
               .eps = static_cast<float>(context->saved_data["eps"].toDouble())},
              c10::cuda::getCurrentCUDAStream()),
          "residual_norm_modulate_backward");
    const at::Tensor used = sums.narrow(0, 0, gate.defined() ? 3 : 2);
    const at::Tensor by_group = parts == 1 ? used.squeeze(2) : used.sum(2);  // [2 or 3, groups, d]
    const auto vector = [&](std::int64_t which, bool per_group) {
      const at::Tensor sum = by_group.select(0, which);
      return (per_group ? sum : sum.sum(0, /*keepdim=*/true)).unsqueeze(1);  // [groups or 1, 1, d]
    };
    at::Tensor d_gate, d_weight, d_bias, d_scale, d_shift;
    if (gate.defined()) d_gate = vector(2, gate.size(0) == groups);
    if (scale.defined()) d_scale = vector(0, scale.size(0) == groups), d_shift = vector(1, scale.size(0) == groups);
    if (norm_weight.defined()) d_weight = by_group.select(0, 0).sum(0), d_bias = by_group.select(0, 1).sum(0);
    return {d_input, d_update, d_gate, d_weight, d_bias, d_scale, d_shift, {}, {}};
  }
};

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
  if (!followed({&x, &in.update, &in.gate, &in.norm_weight, &in.norm_bias, &in.scale, &in.shift})) {
    Outputs out = launch(in);
    return ResidualAndActivation{.residual = std::move(out.residual), .activation = {.tensor = std::move(out.activation)}};
  }
  if (d > kernels::kBackwardMaxWidth || x.numel() == 0 || in.scale.defined() == in.norm_weight.defined()) return std::nullopt;
  if (in.scale.defined() && in.scale.size(0) != in.shift.size(0)) return std::nullopt;
  using Absent = Followed::Absent;
  auto out = Followed::apply(x, Absent(in.update), Absent(in.gate), Absent(in.norm_weight), Absent(in.norm_bias), Absent(in.scale),
                             Absent(in.shift), in.eps, static_cast<std::int64_t>(in.output_dtype));
  return ResidualAndActivation{.residual = std::move(out[0]), .activation = {.tensor = std::move(out[1])}};
}

}  // namespace wan::ops
