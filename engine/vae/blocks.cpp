#include "engine/vae/blocks.h"

#include "engine/checkpoint/weights.h"
#include "engine/ops/attention.h"
#include "engine/runtime/tensor.h"
#include "engine/seams.h"
#include "engine/vae/activate.h"
#include "engine/vae/frames.h"
#include "engine/vae/temporal_cache.h"

namespace wan::vae {

Convolution Loader::layer(const std::string& name) {
  return {.id = {.part = Part::vae, .role = Role::convolution, .index = made_++},
          .weight = weights_.at(name + ".weight"),
          .bias = weights_.at(name + ".bias")};
}

Convolution Loader::convolution(const std::string& name, std::vector<std::int64_t> stride, std::vector<std::int64_t> padding) {
  Convolution made = layer(name);
  made.stride = std::move(stride);
  made.padding = std::move(padding);
  return packed(std::move(made));
}

Convolution Loader::frame_convolution(const std::string& name, std::vector<std::int64_t> padding) {
  Convolution made = layer(name);
  made.padding = std::move(padding);
  if (!made.weight.is_cpu()) {
    made.weight = made.weight.unsqueeze(2);
    made.padding.insert(made.padding.begin(), 0);
  }
  return packed(std::move(made));
}

Convolution Loader::packed(Convolution layer) const {
  const auto dimensions = static_cast<std::size_t>(layer.weight.dim() - 2);
  if (layer.stride.empty()) layer.stride.assign(dimensions, 1);
  if (layer.padding.empty()) layer.padding.assign(dimensions, 0);
  if (seams_.pack_convolution) seams_.pack_convolution(layer);
  return layer;
}

at::Tensor Loader::norm(const std::string& name) const { return weights_.at(name + ".gamma"); }

std::vector<std::int64_t> Loader::kernel(const std::string& name) const { return weights_.at(name + ".weight").sizes().slice(2).vec(); }

CausalConvolution::CausalConvolution(Loader& loader, const std::string& name, const std::vector<std::int64_t>& kernel)
    : layer_(loader.convolution(name, {}, {0, kernel[1] / 2, kernel[2] / 2})), history_(kernel[0] - 1) {}

at::Tensor CausalConvolution::operator()(at::Tensor x, Pass& pass) const {
  x = pass.cache.extend(x, history_);
  return pass.seams.convolve(layer_, x);
}

at::Tensor CausalConvolution::activated(at::Tensor x, const at::Tensor& gamma, Pass& pass) const {
  x = pass.seams.extend_activated({.history = pass.cache.history(), .frames = history_, .x = x, .gamma = gamma});
  pass.cache.remember(x, history_);
  return pass.seams.convolve(layer_, x);
}

ActivatedConvolution::ActivatedConvolution(Loader& loader, const std::string& norm, const std::string& convolution)
    : gamma_(loader.norm(norm)), convolution_(loader, convolution) {}

ResidualBlock::ResidualBlock(Loader& loader, const ResidualLayout& layout)
    : first_(loader, layout.name.ours + ".residual.0", layout.name.ours + ".residual.2"),
      second_(loader, layout.name.ours + ".residual.3", layout.name.ours + ".residual.6") {
  if (layout.in != layout.out) shortcut_ = loader.convolution(layout.name.ours + ".shortcut");
}

at::Tensor ResidualBlock::operator()(const at::Tensor& x, Pass& pass) const {
  const at::Tensor update = second_(first_(x, pass), pass);
  return update + (shortcut_ ? pass.seams.convolve(*shortcut_, x) : x);
}

AttentionBlock::AttentionBlock(Loader& loader, const std::string& name)
    : gamma_(loader.norm(name + ".norm")), qkv_(loader.convolution(name + ".to_qkv")), projection_(loader.convolution(name + ".proj")) {}

at::Tensor AttentionBlock::operator()(const at::Tensor& x, Pass& pass) const {
  const at::Tensor images = fold_frames(x);                                      // [BT, C, H, W]
  const at::Tensor qkv = pass.seams.convolve(qkv_, rms_norm(images, gamma_));    // [BT, 3C, H, W]
  const at::Tensor rows = qkv.permute({0, 2, 3, 1}).flatten(1, 2).unsqueeze(1);  // [BT, 1, HW, 3C]
  const auto parts = rows.chunk(3, -1);
  const at::Tensor mixed = ops::attention(parts[0], parts[1], parts[2]);                     // [BT, HW, C]
  const at::Tensor grid = mixed.unflatten(1, {x.size(3), x.size(4)}).permute({0, 3, 1, 2});  // [BT, C, H, W]
  return x + unfold_frames(pass.seams.convolve(projection_, grid), x.size(0));  // x first: a sum takes its first operand's memory format
}

MiddleBlock::MiddleBlock(Loader& loader, const HalfLayout& layout)
    : before_(loader, layout.middle_residual(0)),
      attention_(loader, layout.middle_attention().ours),
      after_(loader, layout.middle_residual(1)) {}

at::Tensor MiddleBlock::operator()(const at::Tensor& x, Pass& pass) const { return after_(attention_(before_(x, pass), pass), pass); }

}  // namespace wan::vae
