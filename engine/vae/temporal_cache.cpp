#include "engine/vae/temporal_cache.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/zeros.h>

#include "engine/base/error.h"
#include "engine/runtime/tensor.h"

namespace wan::vae {

void TemporalCache::begin_chunk(bool last) {
  WAN_CHECK(!last_, "a chunk follows the one that was said to be the last");
  last_ = last;
  next_ = 0;
  ++chunks_;
}

std::int64_t TemporalCache::bytes() const {
  std::size_t total = 0;
  for (const at::Tensor& frames : history_)
    if (frames.defined()) total += frames.nbytes();
  return static_cast<std::int64_t>(total);
}

at::Tensor& TemporalCache::next_slot() {
  if (next_ == history_.size()) {
    WAN_CHECK(chunks_ == 1, "a later chunk walks more layers than the first");
    history_.emplace_back();
  }
  return history_[next_++];
}

at::Tensor TemporalCache::extend(const at::Tensor& x, std::int64_t frames) {
  at::Tensor& slot = next_slot();
  if (!slot.defined()) {
    auto shape = x.sizes().vec();
    shape[2] = frames;
    slot = at::zeros(shape, x.options()).contiguous(x.suggest_memory_format());
  }
  const at::Tensor extended = at::cat({slot, x}, 2);  // [B, C, frames + T, H, W]
  slot = last_ ? at::Tensor() : extended.narrow(2, extended.size(2) - frames, frames).clone();
  return extended;
}

void TemporalCache::store(const at::Tensor& x, std::int64_t frames) {
  at::Tensor& slot = next_slot();
  slot = last_ ? at::Tensor() : x.narrow(2, x.size(2) - frames, frames).clone();
}

void TemporalCache::skip() { next_slot(); }

}  // namespace wan::vae
