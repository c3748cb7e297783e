#include "engine/vae/activate_cuda.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

#include "engine/kernels/extend_activated.h"
#include "engine/ops/operands_cuda.h"
#include "engine/runtime/tensor.h"
#include "engine/seams.h"

namespace wan::vae {
namespace {

using ops::check;
using ops::element_of;

constexpr auto kFormat = at::MemoryFormat::ChannelsLast3d;
constexpr std::int64_t kPieceBytes = 16;

// [B, C, T, H, W] whose rows of C the kernel can read.
bool takes_rows(const at::Tensor& t) {
  return t.is_cuda() && t.dim() == 5 && element_of(t.scalar_type()) && t.is_contiguous(kFormat) &&
         t.size(1) * t.element_size() % kPieceBytes == 0 && reinterpret_cast<std::uintptr_t>(t.const_data_ptr()) % kPieceBytes == 0;
}

bool takes_history(const at::Tensor& history, std::int64_t frames, const at::Tensor& x) {
  if (!history.defined()) return true;
  auto shape = x.sizes().vec();
  shape[2] = frames;
  return takes_rows(history) && history.sizes() == at::IntArrayRef(shape) && history.scalar_type() == x.scalar_type();
}

bool takes_gamma(const at::Tensor& gamma, const at::Tensor& x) {
  return gamma.is_cuda() && gamma.numel() == x.size(1) && gamma.is_contiguous() &&
         (gamma.scalar_type() == x.scalar_type() || gamma.scalar_type() == at::kFloat);
}

kernels::ExtendedRows rows_of(const at::Tensor& x, const at::Tensor& gamma, std::int64_t frames) {
  const std::int64_t area = x.size(3) * x.size(4);
  return {.clips = x.size(0),
          .before = frames * area,
          .rows = x.size(2) * area,
          .channels = static_cast<std::int32_t>(x.size(1)),
          .type = *element_of(x.scalar_type()),
          .gamma_type = *element_of(gamma.scalar_type())};
}

at::Tensor extend(const at::Tensor& history, std::int64_t frames, const at::Tensor& x, const at::Tensor& gamma) {
  const c10::cuda::CUDAGuard guard(x.device());
  auto shape = x.sizes().vec();
  shape[2] += frames;
  const at::Tensor extended = at::empty(shape, x.options().memory_format(kFormat));
  check(kernels::launch_extend_activated({.shape = rows_of(x, gamma, frames),
                                          .history = history.defined() ? history.const_data_ptr() : nullptr,
                                          .x = x.const_data_ptr(),
                                          .gamma = gamma.const_data_ptr(),
                                          .output = extended.mutable_data_ptr()},
                                         c10::cuda::getCurrentCUDAStream()),
        "extend_activated");
  return extended;
}

// Of x and gamma, for the gradient of the whole.
std::array<at::Tensor, 2> gradients(const at::Tensor& gradient, std::int64_t frames, const at::Tensor& x, const at::Tensor& gamma) {
  const c10::cuda::CUDAGuard guard(x.device());
  const kernels::ExtendedRows shape = rows_of(x, gamma, frames);
  const at::Tensor of_x = at::empty(x.sizes(), x.options().memory_format(kFormat)), of_gamma = at::empty_like(gamma);
  const at::Tensor partial = at::empty({kernels::extend_activated_partials(shape), x.size(1)}, x.options().dtype(at::kFloat));
  check(kernels::launch_extend_activated_gradient({.shape = shape,
                                                   .gradient = gradient.const_data_ptr(),
                                                   .x = x.const_data_ptr(),
                                                   .gamma = gamma.const_data_ptr(),
                                                   .x_gradient = of_x.mutable_data_ptr(),
                                                   .partial = partial.mutable_data_ptr<float>(),
                                                   .gamma_gradient = of_gamma.mutable_data_ptr()},
                                                  c10::cuda::getCurrentCUDAStream()),
        "extend_activated's gradient");
  return {of_x, of_gamma};
}

struct ExtendActivatedFunction final : torch::autograd::Function<ExtendActivatedFunction> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const std::optional<at::Tensor>& history, std::int64_t frames,
                            const at::Tensor& x, const at::Tensor& gamma) {
    context->save_for_backward({x, gamma});
    context->saved_data["frames"] = frames;
    context->saved_data["follows history"] = history && history->requires_grad();
    return extend(history.value_or(at::Tensor()), frames, x, gamma);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients_of_outputs) {
    const auto saved = context->get_saved_variables();
    const std::int64_t frames = context->saved_data["frames"].toInt();
    at::Tensor gradient = gradients_of_outputs[0].contiguous(kFormat);
    if (!takes_rows(gradient)) gradient = gradient.clone(kFormat);  // a view that begins in the middle of a piece
    const auto [of_x, of_gamma] = gradients(gradient, frames, saved[0], saved[1]);
    const at::Tensor of_history = context->saved_data["follows history"].toBool() ? gradient.narrow(2, 0, frames) : at::Tensor();
    return {of_history, at::Tensor(), of_x, of_gamma};  // in the order of what forward takes
  }
};

}  // namespace

std::optional<at::Tensor> extend_activated_cuda(const ExtendActivated& in) {
  const at::Tensor &x = in.x, &gamma = in.gamma, &history = in.history;
  constexpr std::int64_t kMostRows = std::int64_t{1} << 31;
  if (!takes_rows(x) || !takes_history(history, in.frames, x) || !takes_gamma(gamma, x)) return std::nullopt;
  if (x.size(1) > kernels::kExtendActivatedMaxWidth || x.size(0) * (in.frames + x.size(2)) * x.size(3) * x.size(4) >= kMostRows)
    return std::nullopt;
  if (!ops::followed({&x, &gamma, &history})) return extend(history, in.frames, x, gamma);
  return ExtendActivatedFunction::apply(history.defined() ? std::optional(history) : std::nullopt, in.frames, x, gamma);
}

}  // namespace wan::vae
