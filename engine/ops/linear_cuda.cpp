#include "engine/ops/linear_cuda.h"

#include <ATen/ops/addmm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/mm.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

#include "engine/kernels/column_sums.h"
#include "engine/ops/operands_cuda.h"
#include "engine/runtime/tensor.h"

namespace wan::ops {
namespace {

at::Tensor column_sums(const at::Tensor& x) {
  const c10::cuda::CUDAGuard guard(x.device());
  const at::Tensor parts = at::empty({kernels::column_sum_parts(x.size(0)), x.size(1)}, x.options().dtype(at::kFloat));
  const at::Tensor sums = at::empty({x.size(1)}, x.options());
  check(kernels::launch_column_sums({.x = x.const_data_ptr(),
                                     .type = *element_of(x.scalar_type()),
                                     .rows = x.size(0),
                                     .columns = static_cast<std::int32_t>(x.size(1)),
                                     .parts = parts.mutable_data_ptr<float>(),
                                     .sums = sums.mutable_data_ptr()},
                                    c10::cuda::getCurrentCUDAStream()),
        "column_sums");
  return sums;
}

// x [rows, in], weight [out, in], bias [out].
class Followed : public torch::autograd::Function<Followed> {
 public:
  using Context = torch::autograd::AutogradContext;
  using Variables = torch::autograd::variable_list;

  static at::Tensor forward(Context* context, const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
    context->save_for_backward({x, weight});
    return at::addmm(bias, x, weight.t());
  }

  static Variables backward(Context* context, const Variables& gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor g = gradients[0].contiguous();
    at::Tensor d_x;
    if (context->needs_input_grad(0)) d_x = at::mm(g, saved[1]);
    return {d_x, at::mm(g.t(), saved[0]), column_sums(g)};
  }
};

}  // namespace

std::optional<at::Tensor> project_cuda(const Linear& layer, const Activation& x) {
  const at::Tensor &weight = layer.weight, &bias = layer.bias;
  if (!weight.defined() || !weight.is_cuda() || x.scale || !bias.defined() || !followed({&x.tensor, &weight, &bias})) return std::nullopt;
  if (!element_of(weight.scalar_type()) || bias.scalar_type() != weight.scalar_type() || bias.numel() % 2 != 0) return std::nullopt;
  const at::Tensor input = x.tensor.to(weight.scalar_type());
  if (input.numel() == 0) return std::nullopt;
  auto sizes = input.sizes().vec();
  sizes.back() = weight.size(0);
  return Followed::apply(input.reshape({-1, weight.size(1)}), weight, bias).view(sizes);
}

}  // namespace wan::ops
