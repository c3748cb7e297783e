#include "engine/checkpoint/weights.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <fmt/format.h>

#include <cmath>
#include <cstring>

#include "engine/base/error.h"
#include "engine/runtime/tensor.h"

namespace wan::checkpoint {
namespace {

at::ScalarType scalar_type(io::Dtype dtype) {
  return dtype == io::Dtype::f32 ? at::kFloat : dtype == io::Dtype::bf16 ? at::kBFloat16 : at::kHalf;  // find_tensors lets no other through
}

// The tensor as it is stored. The mapping is read-only; weights are never written to. A view that is not aligned to its element is copied.
at::Tensor stored_tensor(const io::TensorView& view) {
  const at::ScalarType stored = scalar_type(view.dtype);
  at::Tensor tensor;
  if (view.is_aligned() && !view.data.empty()) {
    tensor = at::from_blob(
        const_cast<std::byte*>(view.data.data()), view.shape, [owner = view.owner](void*) {}, at::TensorOptions(stored));
  } else {
    tensor = at::empty(view.shape, at::TensorOptions(stored));
    if (!view.data.empty()) std::memcpy(tensor.data_ptr(), view.data.data(), view.data.size());
  }
  return tensor;
}

at::Tensor make_tensor(const FoundTensor& found, const LoadPolicy& policy) {
  const std::string& name = found.spec->name;
  const at::ScalarType wanted = policy.keep_float32 && policy.keep_float32(name) ? at::kFloat : policy.dtype;
  at::Tensor tensor = stored_tensor(*found.view);
  if (const auto addition = policy.additions.find(name); addition != policy.additions.end())
    tensor = tensor.to(at::kFloat) + addition->second();
  return policy.convert_on_device ? tensor.to(policy.device).to(wanted) : tensor.to(wanted).to(policy.device);
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

Weights load_weights(const Source& source, const TensorTable& table, const LoadPolicy& policy) {
  Weights weights;
  for (const FoundTensor& found : find_tensors(source, table)) weights.tensors[found.spec->name] = make_tensor(found, policy);
  return weights;
}

Weights random_weights(const TensorTable& table, const LoadPolicy& policy, std::uint64_t seed) {
  Weights weights;
  for (const TensorSpec& spec : table) {
    // SplitMix64, seeded per tensor: portable, and independent of the table's order.
    std::uint64_t state = seed;
    for (const char c : spec.name) state = state * 1099511628211ULL + static_cast<unsigned char>(c);
    const auto next_unit = [&state] {
      std::uint64_t z = (state += 0x9e3779b97f4a7c15ULL);
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
      z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
      return static_cast<float>(static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1p-52 - 1.0);  // [-1, 1)
    };
    std::int64_t fan_in = 1;
    for (std::size_t i = 1; i < spec.shape.size(); ++i) fan_in *= spec.shape[i];
    const bool is_norm = spec.name.find("norm") != std::string::npos || spec.name.ends_with("gamma");
    const bool is_bias = spec.name.ends_with("bias");
    const float spread = is_bias || is_norm ? 0.05F : std::sqrt(3.0F / static_cast<float>(fan_in));
    at::Tensor tensor = at::empty(spec.shape, at::TensorOptions(at::kFloat));
    float* values = tensor.mutable_data_ptr<float>();
    for (std::int64_t i = 0; i < tensor.numel(); ++i) values[i] = (is_norm && !is_bias ? 1.0F : 0.0F) + spread * next_unit();
    const bool wide = policy.keep_float32 && policy.keep_float32(spec.name);
    weights.tensors[spec.name] = tensor.to(at::kBFloat16).to(policy.device, wide ? at::kFloat : policy.dtype);
  }
  return weights;
}

}  // namespace wan::checkpoint
