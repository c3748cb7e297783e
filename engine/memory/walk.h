// What several walks share: LibTorch's operators that take more than their result.
#pragma once

#include <algorithm>

#include "engine/memory/activations.h"
#include "engine/memory/ledger.h"

namespace wan::memory {

using Held = Ledger::Held;

inline constexpr std::int64_t kFloat = 4;
// Blocks of the device's allocator.
inline constexpr std::int64_t kCudaGranularity = 512;

// scaled_dot_product_attention: the result and, while it runs, the logarithms of the sums and (on the CPU) each thread's tile of scores.
inline Held attention(Ledger& ledger, std::int64_t batch, std::int64_t heads, std::int64_t queries, std::int64_t keys,
                      std::int64_t head_dim, const Arithmetic& how, std::int64_t element_bytes) {
  Held result = ledger.hold(batch * heads * queries * head_dim * element_bytes);
  const Held sums = ledger.hold(batch * heads * queries * kFloat);
  if (how.cuda) return result;
  const std::int64_t rows = std::min<std::int64_t>(queries, queries >= 768 ? 256 : queries >= 192 ? 64 : 32);
  const std::int64_t columns = std::min<std::int64_t>(keys, 512);
  const Held tiles = ledger.hold(how.threads * rows * (columns + 2 + head_dim) * kFloat);
  if (element_bytes != kFloat) ledger.touch(how.threads * rows * columns * element_bytes);
  return result;
}

}  // namespace wan::memory
