// A component's weights in memory: the tensors that source.h found, in the dtype and on the device that the policy says. Files are
// memory-mapped; a tensor that keeps dtype and device shares the mapping.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>

#include "engine/checkpoint/source.h"
#include "engine/checkpoint/transfer.h"

namespace wan::checkpoint {

struct LoadPolicy {
  at::ScalarType dtype = at::kBFloat16;
  at::Device device = at::kCPU;
  std::function<bool(const std::string& name)> keep_float32 = {};  // our name; these stay float32
  // Our name -> what is added in float32 before the one rounding to the final dtype (LoRA): of the weight's shape, made when called.
  std::map<std::string, std::function<at::Tensor()>> additions = {};
  BytesRead progress = {};  // transfer.h
};

class Weights {
 public:
  const at::Tensor& at(const std::string& name) const;  // CheckError if absent: the table is wrong
  at::Tensor find(const std::string& name) const;       // undefined if absent
  std::int64_t bytes() const;                           // as loaded

  std::map<std::string, at::Tensor> tensors = {};
};

// Throws UsageError where a file cannot be read.
Weights load_tensors(std::span<const FoundTensor> tensors, const LoadPolicy& policy);

// All that the table wants. Throws UsageError with every fault if the source does not hold what the table wants.
Weights load_weights(const Source& source, const TensorTable& table, const LoadPolicy& policy);

// A Weights with deterministic pseudo-random values (tests, synthetic models): uniform in +-sqrt(3 / fan_in), so unit variance is kept;
// norm weights are 1, biases small.
Weights random_weights(const TensorTable& table, const LoadPolicy& policy, std::uint64_t seed);

// The same ranges, made where they are to be at the speed of its memory, for models of billions of parameters: the values repeat with a
// period of some four million, so they serve shapes, sizes and speed, not statistics.
Weights synthetic_weights(const TensorTable& table, const LoadPolicy& policy, std::uint64_t seed);

}  // namespace wan::checkpoint
