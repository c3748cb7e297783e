// FP8 E4M3 linear layers of the transformer blocks (roadmap 2.1): weights quantised once at load, activations on the fly. On a CPU the
// values are rounded to E4M3 and multiplied in BF16, which is exact for them: an emulation, so its time says nothing.
#include "engine/layer.h"
#include "engine/ops/linear.h"
#include "engine/optimization.h"
#include "engine/quant/fp8.h"
#include "engine/quant/packed.h"
#include "engine/runtime/tensor.h"

namespace wan::optimizations {
namespace {

class Fp8Linear final : public quant::PackedLinear {
 public:
  Fp8Linear(quant::Fp8Tensor weight, quant::Granularity granularity) : granularity_(granularity), weight_(std::move(weight)) {}

  at::Tensor apply(const Linear& layer, const at::Tensor& x) const override {
    const quant::Fp8Tensor q = quant::quantize_fp8(x.flatten(0, -2), granularity_, at::kBFloat16);
    // Both scales are powers of two: scaling the BF16 result is exact, so there is one rounding, as in the hardware's epilogue.
    const at::Tensor weight = weight_.values.to(at::kBFloat16);  // exact
    at::Tensor y = ops::project({.id = layer.id, .weight = weight, .dtype = at::kBFloat16}, {.tensor = q.values}).to(at::kFloat);
    y = y * q.scale * weight_.scale.flatten();  // [m, n]
    if (layer.bias.defined()) y = y + layer.bias;
    auto shape = x.sizes().vec();
    shape.back() = y.size(1);
    return y.to(layer.dtype).reshape(shape);
  }

  std::shared_ptr<const PackedWeight> with_tensors(const TensorChange& change) const override {
    return std::make_shared<Fp8Linear>(quant::Fp8Tensor{.values = change(weight_.values), .scale = change(weight_.scale)}, granularity_);
  }

 private:
  quant::Granularity granularity_;
  quant::Fp8Tensor weight_;  // one byte a weight, as on hardware
};

bool in_scope(const LayerId& id, const std::string& scope, int blocks) {
  if (id.part == Part::text || id.part == Part::vae || id.block < 0) return false;
  const bool ffn = id.role == Role::ffn_up || id.role == Role::ffn_down;
  const bool cross = id.role == Role::cross_query || id.role == Role::cross_key_value || id.role == Role::cross_output;
  if (scope == "ffn") return ffn;
  if (scope == "ffn_cross") return ffn || cross;
  return id.block > 0 && id.block < blocks - 1;
}

}  // namespace

extern const Optimization fp8_linear;
const Optimization fp8_linear = {
    .info = {.id = "fp8_linear",
             .summary = "FP8 (E4M3) linear layers in the transformer blocks, scales of powers of two, activations quantised on the fly",
             .kind = OptimizationClass::lossy,
             .parameters = {{.name = "scope",
                             .help = "which layers: ffn; ffn and cross attention; or every block linear except the first and last block's",
                             .default_value = std::string("ffn"),
                             .choices = {"ffn", "ffn_cross", "full"}},
                            {.name = "granularity",
                             .help = "one scale a tensor, or one an output channel of the weight and a token of the activation",
                             .default_value = std::string("per_tensor"),
                             .choices = {"per_tensor", "per_channel"}}},
             .seams = {"pack_linear", "project", "qkv", "ffn"},
             .wraps = true},
    // Until the device's own FP8 products are wired up, every device emulates; the speed gate hears of it through emulated().
    .unsupported = [](const ApplyContext& context, const Parameters&) -> std::string {
      return context.device == "cpu" ? "" : "FP8 products on the device are not in this version; BF16 is used";
    },
    .apply =
        [](const Parameters& parameters, Seams& seams, ApplyContext& context) {
          const auto granularity =
              get_text(parameters, "granularity") == "per_channel" ? quant::Granularity::per_channel : quant::Granularity::per_tensor;
          if (context.device == "cpu")
            context.emulations.push_back("FP8 is emulated on the CPU (values rounded to E4M3, products in BF16)");
          quant::pack_linears(seams, {.takes = [scope = get_text(parameters, "scope"),
                                                blocks = context.blocks](const LayerId& id) { return in_scope(id, scope, blocks); },
                                      .pack =
                                          [granularity](const Linear& layer) {
                                            return std::make_shared<Fp8Linear>(
                                                quant::quantize_fp8(layer.weight, granularity, at::kFloat8_e4m3fn), granularity);
                                          },
                                      .bytes =
                                          [granularity](std::int64_t rows, std::int64_t columns) {
                                            const std::int64_t scales = granularity == quant::Granularity::per_channel ? rows : 1;
                                            return PackedBytes{.stored = rows * columns + 4 * scales, .scratch = 2 * rows * columns};
                                          }});
        },
};

}  // namespace wan::optimizations
