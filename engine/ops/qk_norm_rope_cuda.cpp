#include "engine/ops/qk_norm_rope_cuda.h"

#include <ATen/ops/empty.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

#include <algorithm>

#include "engine/kernels/qk_norm_rope.h"
#include "engine/ops/operands_cuda.h"
#include "engine/runtime/tensor.h"

namespace wan::ops {
namespace {

bool takes_table(const at::Tensor& t, std::int64_t length, std::int64_t half) {
  return t.is_cuda() && t.scalar_type() == at::kFloat && t.is_contiguous() && t.dim() == 2 && t.size(0) == length && t.size(1) == half;
}

kernels::QkNormRopeArgs arguments(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& cosine, const at::Tensor& sine,
                                  std::int64_t heads, double eps) {
  const bool turns = cosine.defined();
  return {.x = x.const_data_ptr(),
          .type = *element_of(x.scalar_type()),
          .batch_stride = x.stride(0),
          .row_stride = x.stride(1),
          .weight = weight.const_data_ptr<float>(),
          .cosine = turns ? cosine.const_data_ptr<float>() : nullptr,
          .sine = turns ? sine.const_data_ptr<float>() : nullptr,
          .batch = x.size(0),
          .length = x.size(1),
          .d = static_cast<std::int32_t>(x.size(2)),
          .head_dim = static_cast<std::int32_t>(x.size(2) / heads),
          .eps = static_cast<float>(eps)};
}

at::Tensor launch(kernels::QkNormRopeArgs args, const at::Tensor& x, std::int64_t heads) {
  const c10::cuda::CUDAGuard guard(x.device());
  const at::Tensor y = at::empty(x.sizes(), x.options().memory_format(at::MemoryFormat::Contiguous));
  args.y = y.mutable_data_ptr();
  check(kernels::launch_qk_norm_rope(args, c10::cuda::getCurrentCUDAStream()), "qk_norm_rope");
  return y.unflatten(2, {heads, x.size(2) / heads}).transpose(1, 2);
}

class Followed : public torch::autograd::Function<Followed> {
 public:
  using Context = torch::autograd::AutogradContext;
  using Variables = torch::autograd::variable_list;

  static at::Tensor forward(Context* context, const at::Tensor& x, const at::Tensor& weight, const std::optional<at::Tensor>& cosines,
                            const std::optional<at::Tensor>& sines, std::int64_t heads, double eps) {
    const at::Tensor cosine = cosines.value_or(at::Tensor()), sine = sines.value_or(at::Tensor());
    context->save_for_backward({x, weight, cosine, sine});
    context->saved_data["heads"] = heads;
    context->saved_data["eps"] = eps;
    return launch(arguments(x, weight, cosine, sine, heads, eps), x, heads);
  }

  static Variables backward(Context* context, const Variables& gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], &weight = saved[1];
    const c10::cuda::CUDAGuard guard(x.device());
    at::Tensor d_y = gradients[0].transpose(1, 2);  // [B, L, heads, hd]
    const bool even = d_y.stride(0) % 2 == 0 && d_y.stride(1) % 2 == 0 && d_y.stride(2) % 2 == 0;
    if (d_y.stride(3) != 1 || !even || !aligned(d_y, 2)) d_y = d_y.contiguous();
    constexpr std::int64_t kBlocks = 264, kRows = 8;  // two for each of a large card's multiprocessors; rows at a time
    const std::int64_t blocks = std::clamp<std::int64_t>(x.size(0) * x.size(1) / kRows, 1, kBlocks);
    const at::Tensor d_x = at::empty(x.sizes(), x.options().memory_format(at::MemoryFormat::Contiguous));
    const at::Tensor d_weight = at::empty({blocks, x.size(2)}, weight.options());
    check(kernels::launch_qk_norm_rope_backward({.forward = arguments(x, weight, saved[2], saved[3], context->saved_data["heads"].toInt(),
                                                                      context->saved_data["eps"].toDouble()),
                                                 .d_y = d_y.const_data_ptr(),
                                                 .d_y_batch = d_y.stride(0),
                                                 .d_y_row = d_y.stride(1),
                                                 .d_y_head = d_y.stride(2),
                                                 .d_x = d_x.mutable_data_ptr(),
                                                 .d_weight = d_weight.mutable_data_ptr<float>(),
                                                 .blocks = static_cast<std::int32_t>(blocks)},
                                                c10::cuda::getCurrentCUDAStream()),
          "qk_norm_rope_backward");
    return {d_x, d_weight.sum(0), {}, {}, {}, {}};
  }
};

}  // namespace

std::optional<at::Tensor> norm_rope_cuda(const at::Tensor& x, const at::Tensor& given_weight, const QkNormRope& in) {
  const at::Tensor weight = widened(given_weight);
  if (!x.is_cuda() || x.dim() != 3 || in.heads < 1 || x.size(2) % in.heads != 0) return std::nullopt;
  const auto d = x.size(2), head_dim = d / in.heads;
  if (d % 4 != 0 || head_dim % 2 != 0 || d > kernels::kQkNormRopeMaxWidth || !element_of(x.scalar_type())) return std::nullopt;
  if (x.stride(2) != 1 || x.stride(0) % 4 != 0 || x.stride(1) % 4 != 0 || !aligned(x, 4)) return std::nullopt;
  if (!weight.is_cuda() || weight.scalar_type() != at::kFloat || weight.numel() != d || !weight.is_contiguous() || !aligned(weight, 4))
    return std::nullopt;
  if (in.cosine.defined() && (!takes_table(in.cosine, x.size(1), head_dim / 2) || !takes_table(in.sine, x.size(1), head_dim / 2)))
    return std::nullopt;
  if (!followed({&x, &weight})) return launch(arguments(x, weight, in.cosine, in.sine, in.heads, in.eps), x, in.heads);
  if (d > kernels::kQkNormRopeBackwardMaxWidth || x.numel() == 0) return std::nullopt;
  return Followed::apply(x, weight, std::optional(in.cosine), std::optional(in.sine), in.heads, in.eps);
}

}  // namespace wan::ops
