// A loaded checkpoint under one configuration: tokenizer, text encoder, experts and VAE on their devices. Components are loaded when first
// needed and dropped when the placement says so, so offloading is a matter of who is kept.
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "engine/configuration.h"
#include "engine/lora_files.h"
#include "engine/model/transformer.h"
#include "engine/pipeline_config.h"
#include "engine/text/tokenizer.h"
#include "engine/vae/vae.h"

namespace wan {

struct PromptStates {
  at::Tensor states;    // [1, n, text_dim], n valid rows, on the compute device
  std::string warning;  // one sentence if the prompt was cut off, else empty
};

class Pipeline {
 public:
  // `also` changes the seams after the configuration has filled them: the door for tests that put a fault there.
  Pipeline(const PipelineConfig& config, const LoadRequest& request, const std::function<void(Seams&)>& also = {});

  const PipelineConfig& config() const { return config_; }
  const Placement& placement() const { return applied_.placement; }
  const Seams& seams() const { return *seams_; }
  at::Device device() const { return device_; }
  const std::vector<std::string>& fallbacks() const { return applied_.fallbacks; }
  const std::vector<std::string>& emulations() const { return applied_.emulations; }
  std::int64_t weight_bytes() const { return *weight_bytes_; }

  PromptStates encode(const std::string& prompt);
  model::Transformer& expert(Part part);  // high_noise or low_noise
  const vae::Vae& vae();
  void release_text_encoder();  // if the placement unloads it

 private:
  checkpoint::Additions merged(Part part, const LoraFiles& loras) const;
  checkpoint::LoadPolicy policy(at::ScalarType dtype, at::Device device) const;
  std::unique_ptr<model::Transformer> load_expert(Part part);
  void load_text_encoder();
  void account(const checkpoint::Weights& weights) { *weight_bytes_ += weights.bytes(); }

  PipelineConfig config_;
  at::Device device_;
  at::ScalarType dtype_;
  AppliedConfiguration applied_;
  std::shared_ptr<std::int64_t> weight_bytes_;  // all that is loaded, packed weights as packed; shared with the pack seams
  std::shared_ptr<const Seams> seams_;
  std::map<Part, checkpoint::Additions> additions_;  // of each expert, from LoRA files
  text::Tokenizer tokenizer_;
  std::unique_ptr<text::TextEncoder> text_encoder_;
  std::unique_ptr<model::Transformer> high_noise_, low_noise_;
  std::unique_ptr<vae::Vae> vae_;
};

}  // namespace wan
