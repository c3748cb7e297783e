// A component's weights in the diffusers layout, loaded by a table: our name, the file's name, the shape. Missing, extra, misshapen or
// misdtyped tensors are one UsageError that lists them all. Files are memory-mapped; a tensor that keeps dtype and device shares the
// mapping.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace wan::checkpoint {

struct TensorSpec {
  std::string name;       // ours = the official repository's name
  std::string diffusers;  // name in the diffusers layout
  std::vector<std::int64_t> shape;
  bool required = true;
  std::string alternative = {};  // second accepted diffusers name (tied embeddings)
};
using TensorTable = std::vector<TensorSpec>;

struct LoadPolicy {
  at::ScalarType dtype = at::kBFloat16;
  at::Device device = at::kCPU;
  std::function<bool(const std::string& name)> keep_float32 = {};  // our name; these stay float32
  bool convert_on_device = false;                                  // copy as stored, then convert there (direct loading)
};

class Weights {
 public:
  const at::Tensor& at(const std::string& name) const;  // CheckError if absent: the table is wrong
  at::Tensor find(const std::string& name) const;       // undefined if absent
  std::int64_t bytes() const;                           // as loaded

  std::map<std::string, at::Tensor> tensors = {};
};

// `folder` holds `<stem>.safetensors`, or `<stem>.safetensors.index.json` with its shards. Stem: "diffusion_pytorch_model" or "model".
Weights load_weights(const std::filesystem::path& folder, const std::string& stem, const TensorTable& table, const LoadPolicy& policy);

// A Weights with deterministic pseudo-random values (tests, synthetic models): uniform in +-sqrt(3 / fan_in), so unit variance is kept;
// norm weights are 1, biases small.
Weights random_weights(const TensorTable& table, const LoadPolicy& policy, std::uint64_t seed);

}  // namespace wan::checkpoint
