#include "engine/checkpoint/weights.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/random.h"
#include "engine/runtime/memory_meter.h"
#include "engine/runtime/tensor.h"

namespace wan::checkpoint {
namespace {

at::ScalarType scalar_type(io::Dtype dtype) {
  return dtype == io::Dtype::f32 ? at::kFloat : dtype == io::Dtype::bf16 ? at::kBFloat16 : at::kHalf;  // find_tensors lets no other through
}

// The bytes where they lie. The mapping is read-only; weights are never written to.
at::Tensor mapped_tensor(const io::TensorView& view) {
  const auto bytes = static_cast<std::int64_t>(view.data.size());
  auto* data = const_cast<std::byte*>(view.data.data());
  runtime::report_mapping(data, bytes);
  return at::from_blob(
      data, view.shape, [owner = view.owner, bytes](void* from) { runtime::report_mapping(from, -bytes); },
      at::TensorOptions(scalar_type(view.dtype)));
}

at::ScalarType final_dtype(const std::string& name, const LoadPolicy& policy) {
  return policy.keep_float32 && policy.keep_float32(name) ? at::kFloat : policy.dtype;
}

// What pseudo-random values of a tensor lie around, and how far from it.
struct Range {
  float centre, spread;
};

Range range_of(const TensorSpec& spec) {
  std::int64_t fan_in = 1;
  for (std::size_t i = 1; i < spec.shape.size(); ++i) fan_in *= spec.shape[i];
  const bool is_norm = spec.name.find("norm") != std::string::npos || spec.name.ends_with("gamma");
  const bool is_bias = spec.name.ends_with("bias");
  return {.centre = is_norm && !is_bias ? 1.0F : 0.0F, .spread = is_bias || is_norm ? 0.05F : std::sqrt(3.0F / static_cast<float>(fan_in))};
}

std::uint64_t seed_of(const TensorSpec& spec, std::uint64_t seed) {
  for (const char c : spec.name) seed = seed * 1099511628211ULL + static_cast<unsigned char>(c);
  return seed;
}

}  // namespace

const at::Tensor& Weights::at(const std::string& name) const {
  const auto found = tensors.find(name);
  WAN_CHECK(found != tensors.end(), "no weight '{}': tensor table and model disagree", name);
  return found->second;
}

at::Tensor Weights::find(const std::string& name) const {
  const auto found = tensors.find(name);
  return found == tensors.end() ? at::Tensor() : found->second;
}

std::int64_t Weights::bytes() const {
  std::int64_t total = 0;
  for (const auto& [name, tensor] : tensors) total += static_cast<std::int64_t>(tensor.nbytes());
  return total;
}

Weights load_tensors(std::span<const FoundTensor> tensors, const LoadPolicy& policy) {
  Weights weights;
  std::vector<Transfer> transfers;
  std::int64_t mapped_bytes = 0;
  for (const auto& [name, view] : tensors) {
    const at::ScalarType stored = scalar_type(view.dtype);
    const at::ScalarType loaded = policy.additions.contains(name) ? at::kFloat : final_dtype(name, policy);
    at::Tensor& tensor = weights.tensors[name];
    if (policy.device.is_cpu() && loaded == stored && view.is_aligned() && !view.data.empty()) {
      tensor = mapped_tensor(view);
      mapped_bytes += static_cast<std::int64_t>(view.data.size());
    } else {
      tensor = at::empty(view.shape, at::TensorOptions(loaded).device(policy.device));
      transfers.push_back({.from = view, .stored = stored, .to = tensor});
    }
  }
  if (policy.progress && mapped_bytes > 0) policy.progress(mapped_bytes);
  transfer(transfers, policy.progress);
  for (const auto& [name, addition] : policy.additions)
    if (const auto at = weights.tensors.find(name); at != weights.tensors.end())
      at->second = (at->second + addition().to(policy.device)).to(final_dtype(name, policy));
  return weights;
}

Weights load_weights(const Source& source, const TensorTable& table, const LoadPolicy& policy) {
  return load_tensors(find_tensors(source, table), policy);
}

Weights random_weights(const TensorTable& table, const LoadPolicy& policy, std::uint64_t seed) {
  Weights weights;
  for (const TensorSpec& spec : table) {
    SplitMix64 units(seed_of(spec, seed));  // portable, and independent of the table's order
    const auto [centre, spread] = range_of(spec);
    at::Tensor tensor = at::empty(spec.shape, at::TensorOptions(at::kFloat));
    float* values = tensor.mutable_data_ptr<float>();
    for (std::int64_t i = 0; i < tensor.numel(); ++i) values[i] = centre + spread * units.next_signed();
    weights.tensors[spec.name] = tensor.to(at::kBFloat16).to(policy.device, final_dtype(spec.name, policy));
  }
  return weights;
}

Weights synthetic_weights(const TensorTable& table, const LoadPolicy& policy, std::uint64_t seed) {
  constexpr std::int64_t kPeriod = 4'194'301;  // no multiple of any width
  at::Tensor period = at::empty({kPeriod}, at::TensorOptions(at::kFloat));
  SplitMix64 units(seed);
  for (float& value : std::span(period.mutable_data_ptr<float>(), kPeriod)) value = units.next_signed();
  period = period.to(policy.device);
  Weights weights;
  for (const TensorSpec& spec : table) {
    const auto [centre, spread] = range_of(spec);
    const at::Tensor scaled = period * spread + centre;
    const at::Tensor tensor = at::empty(spec.shape, at::TensorOptions(final_dtype(spec.name, policy)).device(policy.device));
    const at::Tensor flat = tensor.view({-1});
    auto from = static_cast<std::int64_t>(seed_of(spec, seed) % kPeriod);
    for (std::int64_t at = 0; at < flat.numel(); from = 0) {
      const std::int64_t count = std::min(kPeriod - from, flat.numel() - at);
      flat.narrow(0, at, count).copy_(scaled.narrow(0, from, count));
      at += count;
    }
    weights.tensors[spec.name] = tensor;
  }
  return weights;
}

}  // namespace wan::checkpoint
