// The currency between model code and seams: layers with their names and weights, activations with an optional scale.
#pragma once

#include <ATen/core/Tensor.h>

#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace wan {

enum class Part { text, high_noise, low_noise, vae };  // a single-expert model is all high_noise
enum class Role {
  patch_embedding,
  text_embedding,
  time_embedding,
  time_projection,
  head,
  self_qkv,
  self_output,
  cross_query,
  cross_key_value,
  cross_output,
  ffn_up,
  ffn_down,
  text_attention,
  text_ffn,
  token_embedding,  // the text encoder's table: looked up, never multiplied
  convolution
};

// Names a layer for per-layer precision, fallback and tracing.
struct LayerId {
  Part part = Part::high_noise;
  int block = -1;  // -1: outside the blocks
  Role role = Role::head;
  int index = 0;  // tells apart layers of one role in one block (q, k, v; convolutions)
  auto operator<=>(const LayerId&) const = default;
};
std::string to_string(const LayerId& id);

// Gives the tensor that takes another's place: the same shape and dtype, elsewhere.
using TensorChange = std::function<at::Tensor(const at::Tensor&)>;

// A weight in a filler's own format (FP8 with scales, INT8, ...), made once at load.
struct PackedWeight {
  virtual ~PackedWeight() = default;
  // The same weight with each of its tensors replaced: so it moves between host and device without being packed again.
  virtual std::shared_ptr<const PackedWeight> with_tensors(const TensorChange& change) const = 0;
  std::int64_t bytes() const;  // of its tensors
};

struct Linear {
  LayerId id = {};
  at::Tensor weight = {};  // [out, in]; undefined where a packed weight took its place
  at::Tensor bias = {};    // [out], undefined: none
  std::shared_ptr<const PackedWeight> packed = {};
  bool keep_reference = false;        // no filler may pack it: it fell back
  at::ScalarType dtype = at::kFloat;  // of the activations on either side
};

std::int64_t bytes_of(const Linear& layer);  // weight, bias and packed weight, where they are defined

struct Convolution {
  LayerId id = {};
  at::Tensor weight = {};  // [out, in, (kt,) kh, kw]
  at::Tensor bias = {};    // [out]
  std::vector<std::int64_t> stride = {};
  std::vector<std::int64_t> padding = {};
  std::shared_ptr<const PackedWeight> packed = {};
};

// A tensor on its way into a GEMM. With a scale the tensor is quantised: value = tensor * scale.
struct Activation {
  at::Tensor tensor = {};
  std::optional<at::Tensor> scale = {};
};

}  // namespace wan
