// A loaded checkpoint under one configuration: tokenizer, text encoder, experts and VAE on their devices. The text encoder is dropped and
// loaded again where the placement says so; experts that do not stay on the device go through a pool (model/block_pool.h).
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>

#include "engine/configuration.h"
#include "engine/lora_files.h"
#include "engine/memory_planner.h"
#include "engine/model/block_pool.h"
#include "engine/model/transformer.h"
#include "engine/pipeline_config.h"
#include "engine/text/prompt_cache.h"
#include "engine/text/tokenizer.h"
#include "engine/vae/vae.h"

namespace wan {

struct PromptStates {
  at::Tensor states;    // [1, n, text_dim], n valid rows, on the compute device
  std::string warning;  // one sentence if the prompt was cut off, else empty
};

// What a configuration is applied to.
TargetDevice target_of(const PipelineConfig& config, const LoadRequest& request, bool cuda);

class Pipeline {
 public:
  // `loading` hears of bytes read; Cancelled is thrown if it says so. `also` changes what the configuration made: the door for tests that
  // put a fault there, or place things as the device would not.
  Pipeline(const PipelineConfig& config, const LoadRequest& request, const Progress& loading = {},
           const std::function<void(AppliedConfiguration&)>& also = {});
  Pipeline(const Pipeline&) = delete;  // what loads its weights points to it
  Pipeline& operator=(const Pipeline&) = delete;

  const PipelineConfig& config() const { return config_; }
  const Placement& placement() const { return applied_.placement; }
  const Seams& seams() const { return *seams_; }
  at::Device device() const { return device_; }
  const std::vector<std::string>& fallbacks() const { return applied_.fallbacks; }
  const std::vector<std::string>& emulations() const { return applied_.emulations; }
  // What is loaded now. On the device: blocks in a pool as the slots that they pass through. On the host: what is kept there for a device.
  std::int64_t device_weight_bytes() const;
  std::int64_t host_weight_bytes() const;
  const MemoryPlanner& planner() const { return *planner_; }
  const text::Tokenizer& tokenizer() const { return tokenizer_; }
  const std::vector<std::string>& plan() const { return plan_; }  // one line a decision; empty unless the request asked for a plan

  PromptStates encode(const std::string& prompt);
  model::Transformer& expert(Part part);  // high_noise or low_noise
  const vae::Vae& vae();

  bool has_text_encoder() const { return text_encoder_ != nullptr; }
  void release_text_encoder();  // if the placement unloads it
  // The walks over an expert's blocks that are to come, each a Transformer::prepare_text or forward: lets their copies run ahead.
  void expect_passes(std::span<const Part> passes);
  void release_experts();  // if the placement brings them to the device when they are needed

 private:
  void make_plan(const LoadRequest& request);
  checkpoint::Additions merged(Part part, const LoraFiles& loras) const;
  using Tensors = std::vector<checkpoint::FoundTensor>;
  Tensors find(const checkpoint::Component& component, const checkpoint::TensorTable& table) const;
  void find_weights();
  void load_all(const Progress& loading);
  checkpoint::LoadPolicy policy(at::ScalarType dtype, at::Device device) const;
  std::unique_ptr<model::Transformer> load_expert(Part part);
  void load_text_encoder();

  PipelineConfig config_;
  at::Device device_;
  at::ScalarType dtype_;
  AppliedConfiguration applied_;
  std::optional<MemoryPlanner> planner_;
  std::vector<std::string> plan_;
  std::shared_ptr<std::int64_t> made_bytes_;  // of the component that is being made, packed weights as packed; kept by the pack seams
  std::shared_ptr<const Seams> seams_;
  std::map<Part, checkpoint::Additions> additions_;  // of each expert, from LoRA files
  text::Tokenizer tokenizer_;
  Tensors text_tensors_, vae_tensors_, high_noise_tensors_, low_noise_tensors_;  // where they lie in the files
  checkpoint::BytesRead on_bytes_read_;
  std::optional<text::PromptCache> prompt_cache_;
  std::unique_ptr<text::TextEncoder> text_encoder_;
  std::int64_t text_encoder_bytes_ = 0;
  std::unique_ptr<model::BlockPool> pool_;  // null: the experts are resident
  std::unique_ptr<model::Transformer> high_noise_, low_noise_;
  std::unique_ptr<vae::Vae> vae_;
  std::int64_t vae_bytes_ = 0;
};

}  // namespace wan
