// The text encoder's weights held as FP8 E4M3 values with one power-of-two scale a row, the embedding table among them: half the bytes of
// bfloat16. Each layer is widened for its own product, which is exact (4 significant bits times a power of two), so the arithmetic is the
// compute dtype's on every device; only what is stored is rounded.
#include <ATen/ops/index_select.h>

#include "engine/layer.h"
#include "engine/ops/linear.h"
#include "engine/optimization.h"
#include "engine/quant/fp8.h"
#include "engine/quant/packed.h"
#include "engine/runtime/tensor.h"

namespace wan::optimizations {
namespace {

class StoredFp8 final : public quant::PackedLinear {
 public:
  explicit StoredFp8(quant::Fp8Tensor stored) : stored_(std::move(stored)) {}

  at::Tensor apply(const Linear& layer, const at::Tensor& x) const override {
    const at::Tensor weight = widen(stored_.values, stored_.scale, layer.dtype);
    return ops::project({.id = layer.id, .weight = weight, .bias = layer.bias, .dtype = layer.dtype}, {.tensor = x});
  }

  at::Tensor rows(const at::Tensor& indices, at::ScalarType dtype) const {
    // Looked up as bytes: not every device indexes the 8-bit float types.
    const at::Tensor values = stored_.values.view(at::kByte).index_select(0, indices).view(at::kFloat8_e4m3fn);
    return widen(values, stored_.scale.index_select(0, indices), dtype);
  }

  std::shared_ptr<const PackedWeight> with_tensors(const TensorChange& change) const override {
    return std::make_shared<StoredFp8>(quant::Fp8Tensor{.values = change(stored_.values), .scale = change(stored_.scale)});
  }

 private:
  static at::Tensor widen(const at::Tensor& values, const at::Tensor& scale, at::ScalarType dtype) {
    return values.to(dtype).mul_(scale.to(dtype));
  }

  quant::Fp8Tensor stored_;  // scale [rows, 1]
};

}  // namespace

extern const Optimization t5_fp8_storage;
const Optimization t5_fp8_storage = {
    .info = {.id = "t5_fp8_storage",
             .summary = "the text encoder's weights stored as FP8 (E4M3) with one scale a row, widened for each product: half the memory",
             .kind = OptimizationClass::lossy,
             .seams = {"pack_linear", "project", "qkv", "embed"},
             .wraps = true},
    .unsupported = [](const ApplyContext&, const Parameters&) -> std::string { return ""; },
    .apply =
        [](const Parameters&, Seams& seams, ApplyContext&) {
          quant::pack_linears(seams, {.takes = [](const LayerId& id) { return id.part == Part::text; },
                                      .pack =
                                          [](const Linear& layer) {
                                            return std::make_shared<StoredFp8>(
                                                quant::quantize_fp8(layer.weight, quant::Granularity::per_channel, at::kFloat8_e4m3fn));
                                          },
                                      .bytes =
                                          [](std::int64_t rows, std::int64_t columns) {
                                            return PackedBytes{.stored = rows * columns + 4 * rows, .scratch = 2 * rows * columns};
                                          }});
          seams.embed = [before = seams.embed](const Linear& table, const at::Tensor& indices) {
            const auto* stored = dynamic_cast<const StoredFp8*>(table.packed.get());
            return stored ? stored->rows(indices, table.dtype) : before(table, indices);
          };
        },
};

}  // namespace wan::optimizations
