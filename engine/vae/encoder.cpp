#include "engine/vae/encoder.h"

#include "engine/runtime/tensor.h"
#include "engine/vae/frames.h"

namespace wan::vae {
namespace {

std::vector<EncoderStage> make_stages(Loader& loader, const HalfLayout& layout) {
  std::vector<EncoderStage> stages;
  for (const StageLayout& stage : layout.stages) stages.emplace_back(loader, stage);
  return stages;
}

}  // namespace

EncoderStage::EncoderStage(Loader& loader, const StageLayout& layout) : layout_(layout) {
  for (const ResidualLayout& block : layout.residuals) residuals_.emplace_back(loader, block);
  if (layout.resample) downsample_.emplace(loader, *layout.resample);
}

at::Tensor EncoderStage::operator()(const at::Tensor& x, Pass& pass) const {
  at::Tensor y = x;
  for (const ResidualBlock& block : residuals_) y = block(y, pass);
  if (downsample_) y = (*downsample_)(y, pass);
  if (!layout_.shortcut) return y;
  const bool temporal = layout_.resample && layout_.resample->temporal;
  return y + average_down(x, layout_.out, {.time = temporal ? 2 : 1, .space = layout_.resample ? 2 : 1});
}

Encoder::Encoder(Loader& loader, const HalfLayout& layout)
    : input_(loader, layout.name + ".conv1"),
      stages_(make_stages(loader, layout)),
      middle_(loader, layout),
      head_(loader, layout.name + ".head.0", layout.name + ".head.2") {}

at::Tensor Encoder::operator()(const at::Tensor& video, Pass& pass) const {
  at::Tensor x = input_(video, pass);
  for (const EncoderStage& stage : stages_) x = stage(x, pass);
  return head_(middle_(x, pass), pass);
}

}  // namespace wan::vae
