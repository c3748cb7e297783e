// Latents of the world's clips with their captions as tokens, held on the device and used many times, while the oldest give way to new
// ones. What is in it at a step depends on the step alone.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "engine/text/tokenizer.h"
#include "engine/text/umt5.h"
#include "engine/train/training.h"
#include "engine/train/world_clips.h"
#include "engine/vae/vae.h"

namespace wan::train {

class LatentPool {
 public:
  // Filled as it is after `rounds` rounds: clips rounds * fresh to rounds * fresh + size. `size` is a multiple of `fresh`. The VAE is the
  // caller's and stays. A caption has at most `text_length` tokens, which `text` must know.
  LatentPool(const vae::Vae& vae, at::Device device, at::ScalarType dtype, const text::Tokenizer& tokenizer, const text::Umt5Config& text,
             std::int64_t text_length, const TrainingOptions& options, std::int64_t size, std::int64_t fresh, std::int64_t rounds);

  void refresh();  // one round: `fresh` clips; the tensors below stay where they are

  std::int64_t size() const { return size_; }
  const at::Tensor& latents() const { return latents_; }  // [size, z, T, h, w] of the dtype
  const at::Tensor& tokens() const { return tokens_; }    // [size, text_length] int64
  const at::Tensor& valid() const { return valid_; }      // [size, text_length] float32, as in text::TokenBatch

 private:
  const vae::Vae& vae_;
  at::Device device_;
  at::ScalarType dtype_;
  const text::Tokenizer& tokenizer_;
  const text::Umt5Config& text_;
  std::int64_t text_length_, size_, fresh_, next_;
  WorldClips clips_;
  at::Tensor latents_, tokens_, valid_;
};

// Ids of a caption, cleaned, with the template's end.
std::vector<std::int64_t> caption_tokens(const text::Tokenizer& tokenizer, const std::string& caption, std::int64_t length);

}  // namespace wan::train
