// What the causal layers of a VAE half remember of the frames before a chunk. A pass walks the layers in a fixed order; every layer that
// looks back owns the next slot. Slots hold at most 2 frames (temporal kernels are 3 long), and an empty slot stands for zero frames, which
// is what the start of a sequence looks like. One cache serves one sequence, cut in time into chunks of any size.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace wan::vae {

class TemporalCache {
 public:
  // Call before each chunk's pass. After the last chunk nothing is kept, so a sequence that is one chunk costs no memory here.
  void begin_chunk(bool last);
  bool first_chunk() const { return chunks_ == 1; }
  std::size_t slots() const { return history_.size(); }
  std::int64_t bytes() const;  // held between chunks

  // Take the next slot: the frames in front, [B, C, frames, H, W], or undefined for zeros.
  const at::Tensor& history();
  // The slot taken last now holds the last `frames` of x.
  void remember(const at::Tensor& x, std::int64_t frames);
  // Both: the slot's frames in front of x, [B, C, frames + T, H, W], of which the last `frames` are remembered.
  at::Tensor extend(const at::Tensor& x, std::int64_t frames);
  // The same for a layer that has no use for the frames.
  void skip();

 private:
  std::vector<at::Tensor> history_;
  std::size_t next_ = 0;
  std::size_t chunks_ = 0;
  bool last_ = false;
};

}  // namespace wan::vae
