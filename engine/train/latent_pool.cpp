#include "engine/train/latent_pool.h"

#include <ATen/ops/empty.h>
#include <c10/core/GradMode.h>

#include <algorithm>

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
                       std::int64_t text_length, const TrainingOptions& options, std::int64_t size, std::int64_t fresh, std::int64_t rounds)
    : vae_(vae),
      device_(device),
      dtype_(dtype),
      tokenizer_(tokenizer),
      text_length_(text_length),
      size_(size),
      fresh_(fresh),
      next_(rounds * fresh),
      clips_(world::Split::train, options.canvas, fresh, static_cast<std::uint64_t>(next_), options.threads),
      tokens_(static_cast<std::size_t>(size)) {
  WAN_CHECK(size > 0 && fresh > 0 && size % fresh == 0, "a pool of {} is no multiple of {}", size, fresh);
  for (std::int64_t i = 0; i < size; i += fresh) refresh();
}

void LatentPool::refresh() {
  const c10::AutoGradMode off(false);
  const ClipBatch batch = clips_.next();
  const at::Tensor latents = vae_.encode(as_video(batch.rgb, device_, dtype_));
  if (!latents_.defined()) {
    auto shape = latents.sizes().vec();
    shape[0] = size_;
    latents_ = at::empty(shape, latents.options().dtype(dtype_));
  }
  const std::int64_t place = next_ % size_;
  latents_.narrow(0, place, fresh_).copy_(latents);
  for (std::int64_t i = 0; i < fresh_; ++i)
    tokens_[static_cast<std::size_t>(place + i)] = caption_tokens(tokenizer_, batch.captions[static_cast<std::size_t>(i)], text_length_);
  next_ += fresh_;
}

at::Tensor LatentPool::latents(const std::vector<std::int64_t>& places) const {
  at::Tensor index = at::empty({static_cast<std::int64_t>(places.size())}, at::TensorOptions(at::kLong));
  std::copy(places.begin(), places.end(), index.mutable_data_ptr<std::int64_t>());
  return latents_.index_select(0, index.to(device_)).to(at::kFloat);
}

}  // namespace wan::train
