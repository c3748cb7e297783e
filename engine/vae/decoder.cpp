#include "engine/vae/decoder.h"

#include "engine/runtime/tensor.h"
#include "engine/vae/frames.h"
#include "engine/vae/temporal_cache.h"

namespace wan::vae {
namespace {

std::vector<DecoderStage> make_stages(Loader& loader, const HalfLayout& layout) {
  std::vector<DecoderStage> stages;
  for (const StageLayout& stage : layout.stages) stages.emplace_back(loader, stage);
  return stages;
}

}  // namespace

DecoderStage::DecoderStage(Loader& loader, const StageLayout& layout) : layout_(layout) {
  for (const ResidualLayout& block : layout.residuals) residuals_.emplace_back(loader, block);
  if (layout.resample) upsample_.emplace(loader, *layout.resample);
}

at::Tensor DecoderStage::operator()(const at::Tensor& x, Pass& pass) const {
  at::Tensor y = x;
  for (const ResidualBlock& block : residuals_) y = block(y, pass);
  if (upsample_) y = (*upsample_)(y, pass);
  if (!layout_.shortcut) return y;
  return y + duplicate_up(x, layout_.out, {.time = layout_.resample->temporal ? 2 : 1, .space = 2}, pass.cache.first_chunk());
}

Decoder::Decoder(Loader& loader, const HalfLayout& layout)
    : input_(loader, layout.name + ".conv1"),
      middle_(loader, layout),
      stages_(make_stages(loader, layout)),
      head_(loader, layout.name + ".head.0", layout.name + ".head.2") {}

at::Tensor Decoder::operator()(const at::Tensor& latents, Pass& pass) const {
  at::Tensor x = middle_(input_(latents, pass), pass);
  for (const DecoderStage& stage : stages_) x = stage(x, pass);
  return head_(x, pass);
}

}  // namespace wan::vae
