#include "engine/vae/layout.h"

#include <fmt/format.h>

#include "engine/vae/config.h"

namespace wan::vae {
namespace {

// Names the blocks of a half: in the residual architecture by stage and place, else by a number that runs through all stages.
class BlockNames {
 public:
  BlockNames(bool is_residual, bool up) : is_residual_(is_residual), up_(up) {}

  ModuleName residual(std::int64_t stage, std::int64_t place) {
    ModuleName name = next(stage, place);
    if (up_ || is_residual_) name.diffusers = fmt::format("{}.{}.resnets.{}", half(), stage, place);
    return name;
  }
  ModuleName resample(std::int64_t stage, std::int64_t place) {
    ModuleName name = next(stage, place);
    if (is_residual_) name.diffusers = fmt::format("{}.{}.{}", half(), stage, up_ ? "upsampler" : "downsampler");
    if (up_ && !is_residual_) name.diffusers = fmt::format("{}.{}.upsamplers.0", half(), stage);
    return name;
  }

 private:
  const char* half() const { return up_ ? "decoder.up_blocks" : "encoder.down_blocks"; }
  ModuleName next(std::int64_t stage, std::int64_t place) {
    const std::string list = up_ ? "upsamples" : "downsamples";
    const std::string root = (up_ ? "decoder." : "encoder.") + list;
    const std::int64_t number = running_++;
    return {.ours = is_residual_ ? fmt::format("{}.{}.{}.{}", root, stage, list, place) : fmt::format("{}.{}", root, number),
            .diffusers = fmt::format("{}.{}", half(), number)};
  }

  bool is_residual_;
  bool up_;
  std::int64_t running_ = 0;
};

}  // namespace

ResidualLayout HalfLayout::middle_residual(int index) const {
  return {.name = {.ours = fmt::format("{}.middle.{}", name, 2 * index), .diffusers = fmt::format("{}.mid_block.resnets.{}", name, index)},
          .in = middle,
          .out = middle};
}

ModuleName HalfLayout::middle_attention() const { return {.ours = name + ".middle.1", .diffusers = name + ".mid_block.attentions.0"}; }

HalfLayout encoder_layout(const VaeConfig& config) {
  HalfLayout half{.name = "encoder", .in = config.in_channels, .first = config.base_dim, .out = 2 * config.z_dim};
  BlockNames names(config.is_residual, false);
  std::int64_t width = half.first;
  for (std::int64_t i = 0; i < config.stages(); ++i) {
    StageLayout stage{.in = width, .out = config.base_dim * config.dim_mult[i], .shortcut = config.is_residual};
    for (std::int64_t place = 0; place < config.num_res_blocks; ++place) {
      stage.residuals.push_back({.name = names.residual(i, place), .in = width, .out = stage.out});
      width = stage.out;
    }
    if (i + 1 < config.stages())
      stage.resample = {
          .name = names.resample(i, config.num_res_blocks), .in = width, .out = width, .temporal = config.temporal_downsample[i]};
    half.stages.push_back(std::move(stage));
  }
  half.middle = half.last = width;
  return half;
}

HalfLayout decoder_layout(const VaeConfig& config) {
  const std::int64_t stages = config.stages();
  const std::int64_t widest = config.decoder_base_dim * config.dim_mult.back();
  HalfLayout half{.name = "decoder", .in = config.z_dim, .first = widest, .middle = widest, .out = config.out_channels};
  BlockNames names(config.is_residual, true);
  std::int64_t width = half.first;
  for (std::int64_t i = 0; i < stages; ++i) {
    StageLayout stage{.in = width, .shortcut = config.is_residual && i + 1 < stages};
    const std::int64_t inner = config.decoder_base_dim * config.dim_mult[stages - 1 - i];
    for (std::int64_t place = 0; place <= config.num_res_blocks; ++place) {
      stage.residuals.push_back({.name = names.residual(i, place), .in = width, .out = inner});
      width = inner;
    }
    if (i + 1 < stages) {
      width = config.is_residual ? inner : inner / 2;
      stage.resample = {.name = names.resample(i, config.num_res_blocks + 1),
                        .in = inner,
                        .out = width,
                        .temporal = config.temporal_downsample[stages - 2 - i]};
    }
    stage.out = width;
    half.stages.push_back(std::move(stage));
  }
  half.last = width;
  return half;
}

}  // namespace wan::vae
