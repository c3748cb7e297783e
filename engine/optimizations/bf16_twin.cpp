// An equally valid BF16: the hidden units of every FFN in another fixed order, so that sums are taken in another order. Its distance from
// `bf16` is the noise floor under every quality figure (design.md 4).
#include <ATen/ops/empty.h>

#include <numeric>

#include "engine/base/random.h"
#include "engine/layer.h"
#include "engine/optimization.h"
#include "engine/runtime/tensor.h"

namespace wan::optimizations {
namespace {

// A fixed permutation of n: Fisher-Yates over SplitMix64, so that up and down projection of a block agree without knowing of each other.
at::Tensor permutation(std::int64_t n, at::Device device) {
  at::Tensor order = at::empty({n}, at::TensorOptions(at::kLong));
  auto* p = order.mutable_data_ptr<std::int64_t>();
  std::iota(p, p + n, std::int64_t{0});
  SplitMix64 random(0x5eed);
  for (std::int64_t i = n - 1; i > 0; --i) std::swap(p[i], p[static_cast<std::int64_t>(random.next() % static_cast<std::uint64_t>(i + 1))]);
  return order.to(device);
}

void permute(Linear& layer) {
  if (layer.id.part == Part::text) return;
  if (layer.id.role == Role::ffn_up) {
    const at::Tensor order = permutation(layer.weight.size(0), layer.weight.device());
    layer.weight = layer.weight.index_select(0, order);
    layer.bias = layer.bias.index_select(0, order);
  } else if (layer.id.role == Role::ffn_down) {
    layer.weight = layer.weight.index_select(1, permutation(layer.weight.size(1), layer.weight.device()));
  }
}

}  // namespace

extern const Optimization bf16_twin;
const Optimization bf16_twin = {
    .info = {.id = "bf16_twin",
             .summary =
                 "an equally valid BF16: FFN hidden units in a fixed permutation, so another order of summation; shows the noise floor",
             .kind = OptimizationClass::equivalent,
             .seams = {"pack_linear"},
             .wraps = true,
             .max_relative_l2 = 0.1},
    .unsupported = [](const ApplyContext&, const Parameters&) -> std::string { return ""; },
    .apply =
        [](const Parameters&, Seams& seams, ApplyContext&) {
          seams.pack_linear = [before = seams.pack_linear](Linear& layer) {
            permute(layer);
            before(layer);
          };
        },
};

}  // namespace wan::optimizations
