#include "engine/ops/linear.h"

#include <ATen/ops/conv2d.h>
#include <ATen/ops/conv3d.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/mkldnn_convolution.h>

#include "engine/base/error.h"
#include "engine/runtime/tensor.h"

namespace wan::ops {
namespace {

std::optional<at::Tensor> optional_tensor(const at::Tensor& tensor) { return tensor.defined() ? std::optional(tensor) : std::nullopt; }

}  // namespace

at::Tensor project(const Linear& layer, const Activation& x) {
  WAN_CHECK(layer.weight.defined(), "{}: its weight was replaced by a packed one that no filler takes", to_string(layer.id));
  WAN_CHECK(!x.scale, "{}: a quantised activation reached the reference path", to_string(layer.id));
  return at::linear(x.tensor.to(layer.weight.scalar_type()), layer.weight, optional_tensor(layer.bias));
}

std::vector<at::Tensor> project_each(std::span<const Linear> layers, const Activation& x) {
  std::vector<at::Tensor> outputs;
  for (const Linear& layer : layers) outputs.push_back(project(layer, x));
  return outputs;
}

at::Tensor ffn(const Linear& up, const Linear& down, const Activation& x) {
  return project(down, {.tensor = at::gelu(project(up, x), "tanh")});
}

at::Tensor convolve(const Convolution& layer, const at::Tensor& x) {
  const at::Tensor input = x.to(layer.weight.scalar_type());
  const auto bias = optional_tensor(layer.bias);
  if (layer.weight.dim() == 4) return at::conv2d(input, layer.weight, bias, layer.stride, layer.padding);
  // Left to itself LibTorch takes a plain loop for a float32 conv3d of few channels on the CPU: some thirty times slower than oneDNN.
  if (input.is_cpu() && input.scalar_type() == at::kFloat)
    return at::mkldnn_convolution(input, layer.weight, bias, layer.padding, layer.stride, {1, 1, 1}, /*groups=*/1);
  return at::conv3d(input, layer.weight, bias, layer.stride, layer.padding);
}

}  // namespace wan::ops
