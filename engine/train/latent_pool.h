// Latents of the world's clips with their captions as tokens, held on the device and used many times, while the oldest give way to new
// ones. What is in it at a step depends on the step alone.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "engine/text/tokenizer.h"
#include "engine/train/training.h"
#include "engine/train/world_clips.h"
#include "engine/vae/vae.h"

namespace wan::train {

class LatentPool {
 public:
  // Filled as it is after `rounds` rounds: clips rounds * fresh to rounds * fresh + size. `size` is a multiple of `fresh`. The encoder is
  // the caller's and stays; `text_length` bounds a caption's tokens.
  LatentPool(const vae::Vae& vae, at::Device device, at::ScalarType dtype, const text::Tokenizer& tokenizer, std::int64_t text_length,
             const TrainingOptions& options, std::int64_t size, std::int64_t fresh, std::int64_t rounds);

  void refresh();  // one round: `fresh` clips

  std::int64_t size() const { return size_; }
  at::Tensor latents(const std::vector<std::int64_t>& places) const;  // [n, z, T, h, w] float32
  const std::vector<std::int64_t>& tokens(std::int64_t place) const { return tokens_[static_cast<std::size_t>(place)]; }

 private:
  const vae::Vae& vae_;
  at::Device device_;
  at::ScalarType dtype_;
  const text::Tokenizer& tokenizer_;
  std::int64_t text_length_, size_, fresh_, next_;
  WorldClips clips_;
  at::Tensor latents_;
  std::vector<std::vector<std::int64_t>> tokens_;
};

// Ids of a caption, cleaned, with the template's end.
std::vector<std::int64_t> caption_tokens(const text::Tokenizer& tokenizer, const std::string& caption, std::int64_t length);

}  // namespace wan::train
