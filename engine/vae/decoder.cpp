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

at::Tensor DecoderStage::operator()(at::Tensor x, Pass& pass) const {
  const at::Tensor input = layout_.shortcut ? x : at::Tensor();
  return enlarge(input, refine(std::move(x), pass), pass);
}

at::Tensor DecoderStage::refine(at::Tensor x, Pass& pass) const {
  for (const ResidualBlock& block : residuals_) x = block(x, pass);
  return x;
}

at::Tensor DecoderStage::enlarge(const at::Tensor& input, at::Tensor refined, Pass& pass) const {
  if (upsample_) refined = (*upsample_)(std::move(refined), pass);
  if (!layout_.shortcut) return refined;
  return refined + duplicate_up(input, layout_.out, {.time = layout_.resample->temporal ? 2 : 1, .space = 2}, pass.cache.first_chunk());
}

Decoder::Decoder(Loader& loader, const HalfLayout& layout)
    : input_(loader, layout.name + ".conv1"),
      middle_(loader, layout),
      stages_(make_stages(loader, layout)),
      head_(loader, layout.name + ".head.0", layout.name + ".head.2") {}

Features Decoder::prepare(const at::Tensor& latents, Pass& pass) const {
  at::Tensor x = middle_(input_(latents, pass), pass);
  Features features{.input = stages_.front().has_shortcut() ? x : at::Tensor()};
  features.refined = stages_.front().refine(std::move(x), pass);
  return features;
}

at::Tensor Decoder::finish(Features features, Pass& pass) const {
  at::Tensor x = stages_.front().enlarge(features.input, std::move(features.refined), pass);
  features = {};
  for (std::size_t i = 1; i < stages_.size(); ++i) x = stages_[i](std::move(x), pass);
  return head_(std::move(x), pass);
}

}  // namespace wan::vae
