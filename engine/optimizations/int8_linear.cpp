// INT8 weights (roadmap 2.2), one scale an output channel. Weight-only: dequantised to the compute dtype before each product. W8A8:
// activations quantised per token, products in int32. Convolutions of the VAE: weight-only. The full-precision weight is dropped.
#include "engine/layer.h"
#include "engine/ops/linear.h"
#include "engine/optimization.h"
#include "engine/quant/int8.h"
#include "engine/quant/packed.h"
#include "engine/runtime/tensor.h"

namespace wan::optimizations {
namespace {

quant::Int8Tensor with_tensors(const quant::Int8Tensor& q, const TensorChange& change) {
  return {.values = change(q.values), .scale = change(q.scale)};
}

class Int8Linear final : public quant::PackedLinear {
 public:
  Int8Linear(quant::Int8Tensor weight, bool int8_activations) : weight_(std::move(weight)), int8_activations_(int8_activations) {}

  at::Tensor apply(const Linear& layer, const at::Tensor& x) const override {
    if (!int8_activations_)
      return ops::project({.id = layer.id, .weight = quant::dequantize(weight_, layer.dtype), .bias = layer.bias, .dtype = layer.dtype},
                          {.tensor = x});
    at::Tensor y = quant::int8_matmul(quant::quantize_int8(x.flatten(0, -2)), weight_, at::kFloat);  // [m, n]
    if (layer.bias.defined()) y = y + layer.bias;
    auto shape = x.sizes().vec();
    shape.back() = y.size(1);
    return y.to(layer.dtype).reshape(shape);
  }

  std::shared_ptr<const PackedWeight> with_tensors(const TensorChange& change) const override {
    return std::make_shared<Int8Linear>(optimizations::with_tensors(weight_, change), int8_activations_);
  }

 private:
  quant::Int8Tensor weight_;
  bool int8_activations_;
};

struct Int8Convolution final : PackedWeight {
  Int8Convolution(quant::Int8Tensor weight, std::vector<std::int64_t> sizes) : flat(std::move(weight)), shape(std::move(sizes)) {}
  std::shared_ptr<const PackedWeight> with_tensors(const TensorChange& change) const override {
    return std::make_shared<Int8Convolution>(optimizations::with_tensors(flat, change), shape);
  }
  quant::Int8Tensor flat;  // [out, in * k]
  std::vector<std::int64_t> shape;
};

bool in_scope(const LayerId& id, const std::string& scope) {
  if (id.role == Role::token_embedding) return false;  // looked up, never multiplied
  if (scope == "rest") return true;
  const bool transformer = id.part == Part::high_noise || id.part == Part::low_noise;
  return transformer && (scope == "all" || id.block >= 0);
}

void pack_convolutions(Seams& seams) {
  seams.pack_convolution = [before = seams.pack_convolution](Convolution& layer) {
    before(layer);
    if (layer.packed) return;
    layer.packed = std::make_shared<Int8Convolution>(quant::quantize_int8(layer.weight.flatten(1)), layer.weight.sizes().vec());
    layer.weight = at::Tensor();
  };
  seams.convolve = [before = seams.convolve](const Convolution& layer, const at::Tensor& x) {
    const auto* packed = dynamic_cast<const Int8Convolution*>(layer.packed.get());
    if (!packed) return before(layer, x);
    Convolution unpacked = layer;
    unpacked.weight = quant::dequantize(packed->flat, x.scalar_type()).view(packed->shape);
    return before(unpacked, x);
  };
}

}  // namespace

extern const Optimization int8_linear;
const Optimization int8_linear = {
    .info = {.id = "int8_linear",
             .summary = "INT8 weights with one scale an output channel; optionally INT8 activations, and the VAE's convolutions too",
             .kind = OptimizationClass::lossy,
             .parameters = {{.name = "scope",
                             .help = "blocks: the transformer blocks' linears; all: every linear of the transformer; rest: every linear "
                                     "that is not quantised "
                                     "yet, the text encoder's too",
                             .default_value = std::string("all"),
                             .choices = {"blocks", "all", "rest"}},
                            {.name = "activations",
                             .help = "none: weight-only, products in the compute dtype; int8: one scale a token, products in int32",
                             .default_value = std::string("none"),
                             .choices = {"none", "int8"}},
                            {.name = "convolutions", .help = "quantise the VAE's convolution weights too", .default_value = false}},
             .seams = {"pack_linear", "project", "qkv", "ffn", "pack_convolution", "convolve"},
             .wraps = true},
    .unsupported = [](const ApplyContext&, const Parameters&) -> std::string { return ""; },
    .apply =
        [](const Parameters& parameters, Seams& seams, ApplyContext&) {
          const bool int8_activations = get_text(parameters, "activations") == "int8";
          quant::pack_linears(seams, {.takes = [scope = get_text(parameters, "scope")](const LayerId& id) { return in_scope(id, scope); },
                                      .pack =
                                          [int8_activations](const Linear& layer) {
                                            return std::make_shared<Int8Linear>(quant::quantize_int8(layer.weight), int8_activations);
                                          },
                                      // Weight-only: as float32, scaled, and in the compute dtype.
                                      .bytes =
                                          [int8_activations](std::int64_t rows, std::int64_t columns) {
                                            return PackedBytes{.stored = rows * columns + 4 * rows,
                                                               .scratch = int8_activations ? 0 : 10 * rows * columns};
                                          }});
          if (get_bool(parameters, "convolutions")) pack_convolutions(seams);
        },
};

}  // namespace wan::optimizations
