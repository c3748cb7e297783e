#include "engine/vae/temporal_cache.h"

#include <ATen/ops/cat.h>

#include "engine/base/error.h"
#include "engine/runtime/tensor.h"
#include "engine/vae/frames.h"

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

void TemporalCache::skip() {
  if (next_ == history_.size()) {
    WAN_CHECK(chunks_ == 1, "a later chunk walks more layers than the first");
    history_.emplace_back();
  }
  ++next_;
}

const at::Tensor& TemporalCache::history() {
  skip();
  return history_[next_ - 1];
}

void TemporalCache::remember(const at::Tensor& x, std::int64_t frames) {
  // A copy: a view would keep the whole of x alive.
  history_[next_ - 1] = last_ ? at::Tensor() : x.narrow(2, x.size(2) - frames, frames).clone();
}

at::Tensor TemporalCache::extend(const at::Tensor& x, std::int64_t frames) {
  const at::Tensor& before = history();
  const at::Tensor extended = at::cat({before.defined() ? before : zero_frames(x, frames), x}, 2);
  remember(extended, frames);
  return extended;
}

}  // namespace wan::vae
