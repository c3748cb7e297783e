#include "engine/train/latent_pool.h"

#include <ATen/ops/empty.h>
#include <c10/core/GradMode.h>

#include "engine/base/error.h"
#include "engine/runtime/tensor.h"
#include "engine/text/clean.h"

namespace wan::train {

std::vector<std::int64_t> caption_tokens(const text::Tokenizer& tokenizer, const std::string& caption, std::int64_t length) {
  auto tokens = tokenizer.encode(text::clean_prompt(caption), length);
  tokens.input_ids.resize(static_cast<std::size_t>(tokens.length));
  return std::move(tokens.input_ids);
}

LatentPool::LatentPool(const vae::Vae& vae, at::Device device, at::ScalarType dtype, const text::Tokenizer& tokenizer,
                       const text::Umt5Config& text, std::int64_t text_length, const TrainingOptions& options, std::int64_t size,
                       std::int64_t fresh, std::int64_t rounds)
    : vae_(vae),
      device_(device),
      dtype_(dtype),
      tokenizer_(tokenizer),
      text_(text),
      text_length_(text_length),
      size_(size),
      fresh_(fresh),
      next_(rounds * fresh),
      clips_(world::Split::train, options.canvas, fresh, static_cast<std::uint64_t>(next_), options.threads) {
  WAN_CHECK(size > 0 && fresh > 0 && size % fresh == 0, "a pool of {} is no multiple of {}", size, fresh);
  for (std::int64_t i = 0; i < size; i += fresh) refresh();
}

void LatentPool::refresh() {
  const c10::AutoGradMode off(false);
  const ClipBatch batch = clips_.next();
  std::vector<std::vector<std::int64_t>> captions;
  for (const std::string& caption : batch.captions) captions.push_back(caption_tokens(tokenizer_, caption, text_length_));
  const text::TokenBatch prompts = text::make_token_batch(text_, captions, text_length_);
  const std::int64_t place = next_ % size_;
  const auto put = [&](at::Tensor& pool, const at::Tensor& fresh) {
    if (!pool.defined()) {
      auto shape = fresh.sizes().vec();
      shape[0] = size_;
      pool = at::empty(shape, fresh.options());
    }
    pool.narrow(0, place, fresh_).copy_(fresh);
  };
  put(latents_, vae_.encode(as_video(batch.rgb, device_, dtype_)).to(dtype_));
  put(tokens_, upload(prompts.tokens, device_));
  put(valid_, upload(prompts.valid, device_));
  next_ += fresh_;
}

}  // namespace wan::train
