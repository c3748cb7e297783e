#include "engine/ops/linear.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/conv3d.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/mkldnn_convolution.h>

#include "engine/base/error.h"
#include "engine/runtime/tensor.h"
#include "engine/seams.h"

namespace wan::ops {
namespace {

std::optional<at::Tensor> optional_tensor(const at::Tensor& tensor) { return tensor.defined() ? std::optional(tensor) : std::nullopt; }

}  // namespace

at::Tensor project(const Linear& layer, const Activation& x) {
  WAN_CHECK(layer.weight.defined(), "{}: its weight was replaced by a packed one that no filler takes", to_string(layer.id));
  WAN_CHECK(!x.scale, "{}: a quantised activation reached the reference path", to_string(layer.id));
  return at::linear(x.tensor.to(layer.weight.scalar_type()), layer.weight, optional_tensor(layer.bias));
}

void set_linears(Seams& seams, const std::function<at::Tensor(const Linear&, const Activation&)>& project) {
  seams.project = project;
  seams.qkv = [project](std::span<const Linear> layers, const Activation& x) {
    std::vector<at::Tensor> outputs;
    for (const Linear& layer : layers) outputs.push_back(project(layer, x));
    return outputs;
  };
  seams.ffn = [project](const Linear& up, const Linear& down, const Activation& x) {
    at::Tensor hidden = project(up, x);
    hidden = at::gelu(hidden, "tanh");
    return project(down, {.tensor = hidden});
  };
}

at::Tensor embed(const Linear& table, const at::Tensor& indices) {
  WAN_CHECK(table.weight.defined(), "{}: the table was replaced by a packed one that no filler takes", to_string(table.id));
  return table.weight.index_select(0, indices);
}

namespace {

// oneDNN by name. Left to itself LibTorch takes a plain loop for a float32 conv3d of few channels on the CPU, some thirty times slower, and
// another algorithm for a small conv2d than for a larger batch of it, so that the result would depend on how a video is cut in time.
at::Tensor convolve_onednn(const Convolution& layer, const at::Tensor& x) {
  return at::mkldnn_convolution(x, layer.weight, optional_tensor(layer.bias), layer.padding, layer.stride,
                                std::vector<std::int64_t>(static_cast<std::size_t>(layer.weight.dim() - 2), 1), /*groups=*/1);
}

// oneDNN itself does so for a few frames of very small pictures (seen with AVX2 at 12 positions): those go one by one.
constexpr std::int64_t kSmallPicture = 64;

at::Tensor convolve_frames(const Convolution& layer, const at::Tensor& x) {
  const std::int64_t seen = layer.weight.size(2);
  std::vector<at::Tensor> frames;
  for (std::int64_t t = 0; t + seen <= x.size(2); ++t)
    frames.push_back(convolve_onednn(layer, x.narrow(2, t, seen).contiguous(x.suggest_memory_format())));
  return at::cat(frames, 2);
}

}  // namespace

at::Tensor convolve(const Convolution& layer, const at::Tensor& x) {
  const at::Tensor input = x.to(layer.weight.scalar_type());
  const bool video = layer.weight.dim() == 5;
  if (input.is_cpu() && input.scalar_type() == at::kFloat) {
    const bool splits = video && layer.stride[0] == 1 && layer.padding[0] == 0 && input.size(3) * input.size(4) < kSmallPicture;
    return splits ? convolve_frames(layer, input) : convolve_onednn(layer, input);
  }
  const auto bias = optional_tensor(layer.bias);
  return video ? at::conv3d(input, layer.weight, bias, layer.stride, layer.padding)
               : at::conv2d(input, layer.weight, bias, layer.stride, layer.padding);
}

}  // namespace wan::ops
