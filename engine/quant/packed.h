// Packed weights of quantised linear layers, and how a filler wraps the seams with them: a layer that carries the filler's own packed
// weight takes the quantised path, every other layer goes on to what was in the seam before. So quantised fillers stack, and each layer has
// one of them at most.
#pragma once

#include <functional>

#include "engine/layer.h"
#include "engine/seams.h"

namespace wan::quant {

// What a packed linear layer computes: x [..., in] -> [..., out] in the layer's dtype.
struct PackedLinear : PackedWeight {
  virtual at::Tensor apply(const Linear& layer, const at::Tensor& x) const = 0;
};

// Wraps project, qkv and ffn of `seams`, once however often it is called.
void route_packed_linears(Seams& seams);

// How a filler stores the layers that it takes.
struct PackingRule {
  std::function<bool(const LayerId&)> takes;
  std::function<std::shared_ptr<const PackedWeight>(const Linear&)> pack;     // takes the place of the full-precision weight
  std::function<PackedBytes(std::int64_t rows, std::int64_t columns)> bytes;  // of what `pack` makes of a weight
};

// Wraps pack_linear and packed_bytes. The rule is not asked about layers that a filler before it has taken or that must not be packed.
void pack_linears(Seams& seams, PackingRule rule);

}  // namespace wan::quant
