#include "engine/vae/tensor_table.h"

#include "engine/vae/config.h"
#include "engine/vae/layout.h"

namespace wan::vae {
namespace {

class Writer {
 public:
  void convolution(const ModuleName& name, std::int64_t in, std::int64_t out, const std::vector<std::int64_t>& kernel) {
    std::vector<std::int64_t> shape = {out, in};
    shape.insert(shape.end(), kernel.begin(), kernel.end());
    table_.push_back({.name = name.ours + ".weight", .diffusers = name.diffusers + ".weight", .shape = shape});
    table_.push_back({.name = name.ours + ".bias", .diffusers = name.diffusers + ".bias", .shape = {out}});
  }

  void norm(const ModuleName& name, std::int64_t channels, std::size_t dimensions) {
    std::vector<std::int64_t> shape(dimensions + 1, 1);
    shape[0] = channels;
    table_.push_back({.name = name.ours + ".gamma", .diffusers = name.diffusers + ".gamma", .shape = shape});
  }

  void residual(const ResidualLayout& block) {
    norm(below(block.name, ".residual.0", ".norm1"), block.in, 3);
    convolution(below(block.name, ".residual.2", ".conv1"), block.in, block.out, {3, 3, 3});
    norm(below(block.name, ".residual.3", ".norm2"), block.out, 3);
    convolution(below(block.name, ".residual.6", ".conv2"), block.out, block.out, {3, 3, 3});
    if (block.in != block.out) convolution(below(block.name, ".shortcut", ".conv_shortcut"), block.in, block.out, {1, 1, 1});
  }

  void attention(const ModuleName& name, std::int64_t channels) {
    norm(below(name, ".norm", ".norm"), channels, 2);
    convolution(below(name, ".to_qkv", ".to_qkv"), channels, 3 * channels, {1, 1});
    convolution(below(name, ".proj", ".proj"), channels, channels, {1, 1});
  }

  void resample(const ResampleLayout& block, bool up) {
    convolution(below(block.name, ".resample.1", ".resample.1"), block.in, block.out, {3, 3});
    if (block.temporal) convolution(below(block.name, ".time_conv", ".time_conv"), block.in, (up ? 2 : 1) * block.in, {3, 1, 1});
  }

  void stages(const HalfLayout& half, bool up) {
    for (const StageLayout& stage : half.stages) {
      for (const ResidualLayout& block : stage.residuals) residual(block);
      if (stage.resample) resample(*stage.resample, up);
    }
  }

  void middle(const HalfLayout& half) {
    residual(half.middle_residual(0));
    attention(half.middle_attention(), half.middle);
    residual(half.middle_residual(1));
  }

  void input(const HalfLayout& half) { convolution({half.name + ".conv1", half.name + ".conv_in"}, half.in, half.first, {3, 3, 3}); }

  void head(const HalfLayout& half) {
    norm({half.name + ".head.0", half.name + ".norm_out"}, half.last, 3);
    convolution({half.name + ".head.2", half.name + ".conv_out"}, half.last, half.out, {3, 3, 3});
  }

  checkpoint::TensorTable take() { return std::move(table_); }

 private:
  static ModuleName below(const ModuleName& name, const char* ours, const char* diffusers) {
    return {.ours = name.ours + ours, .diffusers = name.diffusers + diffusers};
  }

  checkpoint::TensorTable table_;
};

}  // namespace

checkpoint::TensorTable tensor_table(const VaeConfig& config) {
  Writer writer;
  const HalfLayout encoder = encoder_layout(config);
  writer.input(encoder);
  writer.stages(encoder, false);
  writer.middle(encoder);
  writer.head(encoder);
  writer.convolution({"conv1", "quant_conv"}, 2 * config.z_dim, 2 * config.z_dim, {1, 1, 1});
  writer.convolution({"conv2", "post_quant_conv"}, config.z_dim, config.z_dim, {1, 1, 1});
  const HalfLayout decoder = decoder_layout(config);
  writer.input(decoder);
  writer.middle(decoder);
  writer.stages(decoder, true);
  writer.head(decoder);
  return writer.take();
}

}  // namespace wan::vae
