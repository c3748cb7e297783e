#include "engine/checkpoint/weights.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <fmt/format.h>

#include <cmath>
#include <set>

#include "engine/base/error.h"
#include "engine/io/json.h"
#include "engine/io/safetensors.h"
#include "engine/runtime/tensor.h"

namespace wan::checkpoint {
namespace {

std::optional<at::ScalarType> scalar_type(io::Dtype dtype) {
  switch (dtype) {
    case io::Dtype::f32:
      return at::kFloat;
    case io::Dtype::bf16:
      return at::kBFloat16;
    case io::Dtype::f16:
      return at::kHalf;
    default:
      return std::nullopt;  // no weight of these models is stored in another type
  }
}

using Views = std::map<std::string, io::TensorView>;

// Every tensor of the component, from one file or from the shards that its index names.
Views open_component(const std::filesystem::path& folder, const std::string& stem, std::vector<std::string>& faults) {
  const auto single = folder / (stem + ".safetensors");
  if (std::filesystem::exists(single)) return io::SafetensorsFile::open(single).tensors();
  const auto index_path = folder / (stem + ".safetensors.index.json");
  if (!std::filesystem::exists(index_path))
    throw UsageError(fmt::format("{}: holds neither {}.safetensors nor {}.safetensors.index.json", folder.string(), stem, stem));
  const auto weight_map = io::JsonValue::read(index_path).at("weight_map");
  std::map<std::string, std::vector<std::string>> by_shard;
  for (const std::string& tensor : weight_map.keys()) by_shard[weight_map.at(tensor).as_string()].push_back(tensor);
  Views views;
  for (const auto& [shard, names] : by_shard) {
    if (shard.find('/') != std::string::npos)
      throw UsageError(fmt::format("{}: shard '{}' lies outside the folder", index_path.string(), shard));
    const auto file = io::SafetensorsFile::open(folder / shard);
    for (const std::string& name : names)
      if (const auto at = file.tensors().find(name); at != file.tensors().end())
        views.insert(*at);
      else
        faults.push_back(fmt::format("{}: the index puts '{}' into {}, which lacks it", index_path.filename().string(), name, shard));
  }
  return views;
}

at::Tensor make_tensor(const io::TensorView& view, at::ScalarType stored, const LoadPolicy& policy, at::ScalarType wanted) {
  // The mapping is read-only; weights are never written to. A view that is not aligned to its element is copied byte by byte.
  const bool aligned = reinterpret_cast<std::uintptr_t>(view.data.data()) % io::byte_size(view.dtype) == 0;
  at::Tensor tensor;
  if (aligned && !view.data.empty()) {
    tensor = at::from_blob(
        const_cast<std::byte*>(view.data.data()), view.shape, [owner = view.owner](void*) {}, at::TensorOptions(stored));
  } else {
    tensor = at::empty(view.shape, at::TensorOptions(stored));
    if (!view.data.empty()) std::memcpy(tensor.data_ptr(), view.data.data(), view.data.size());
  }
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

Weights load_weights(const std::filesystem::path& folder, const std::string& stem, const TensorTable& table, const LoadPolicy& policy) {
  std::vector<std::string> faults;
  const Views views = open_component(folder, stem, faults);
  std::set<std::string> known;
  Weights weights;
  for (const TensorSpec& spec : table) {
    known.insert(spec.diffusers);
    known.insert(spec.alternative);
    auto view = views.find(spec.diffusers);
    if (view == views.end() && !spec.alternative.empty()) view = views.find(spec.alternative);
    if (view == views.end()) {
      if (spec.required) faults.push_back(fmt::format("missing: {} [{}]", spec.diffusers, fmt::join(spec.shape, ", ")));
      continue;
    }
    const auto stored = scalar_type(view->second.dtype);
    if (!stored)
      faults.push_back(fmt::format("dtype: {} is {}, expected F32, BF16 or F16", view->first, io::to_string(view->second.dtype)));
    else if (view->second.shape != spec.shape)
      faults.push_back(
          fmt::format("shape: {} is [{}], expected [{}]", view->first, fmt::join(view->second.shape, ", "), fmt::join(spec.shape, ", ")));
    else
      weights.tensors[spec.name] =
          make_tensor(view->second, *stored, policy, policy.keep_float32 && policy.keep_float32(spec.name) ? at::kFloat : policy.dtype);
  }
  for (const auto& [name, view] : views)
    if (!known.contains(name)) faults.push_back(fmt::format("extra: {} [{}]", name, fmt::join(view.shape, ", ")));
  if (!faults.empty())
    throw UsageError(fmt::format("{}: the weights do not fit the model that config.json describes ({} faults):\n  {}", folder.string(),
                                 faults.size(), fmt::join(faults, "\n  ")));
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
