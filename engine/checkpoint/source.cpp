#include "engine/checkpoint/source.h"

#include <fmt/format.h>

#include <set>

#include "engine/base/error.h"
#include "engine/io/json.h"

namespace wan::checkpoint {
namespace {

Source open_shards(const std::filesystem::path& folder, const std::filesystem::path& index_path, Layout layout) {
  const auto weight_map = io::JsonValue::read(index_path).at("weight_map");
  std::map<std::string, std::vector<std::string>> by_shard;
  for (const std::string& tensor : weight_map.keys()) by_shard[weight_map.at(tensor).as_string()].push_back(tensor);
  Source source{.place = folder.string(), .layout = layout};
  std::vector<std::string> faults;
  for (const auto& [shard, names] : by_shard) {
    if (shard.find('/') != std::string::npos) {
      faults.push_back(fmt::format("shard '{}' lies outside the folder", shard));
      continue;
    }
    const auto file = io::SafetensorsFile::open(folder / shard);
    for (const std::string& name : names)
      if (const auto at = file.tensors().find(name); at != file.tensors().end())
        source.tensors.insert(*at);
      else
        faults.push_back(fmt::format("it puts '{}' into {}, which lacks it", name, shard));
  }
  if (!faults.empty()) throw UsageError(fmt::format("{}: {}", index_path.string(), fmt::join(faults, "\n  ")));
  return source;
}

bool is_weight(io::Dtype dtype) { return dtype == io::Dtype::f32 || dtype == io::Dtype::bf16 || dtype == io::Dtype::f16; }

}  // namespace

const std::vector<std::int64_t>& Source::shape(const std::string& name, std::size_t dimensions) const {
  const auto found = tensors.find(name);
  if (found == tensors.end() || found->second.shape.size() != dimensions)
    throw UsageError(fmt::format("{}: expected a tensor '{}' of {} dimensions, {}", place, name, dimensions,
                                 found == tensors.end() ? "found none" : fmt::format("found [{}]", fmt::join(found->second.shape, ", "))));
  return found->second.shape;
}

Source open_safetensors(const std::filesystem::path& folder, const std::string& stem, Layout layout) {
  const auto single = folder / (stem + ".safetensors");
  if (std::filesystem::exists(single))
    return {.place = folder.string(), .layout = layout, .tensors = io::SafetensorsFile::open(single).tensors()};
  const auto index_path = folder / (stem + ".safetensors.index.json");
  if (!std::filesystem::exists(index_path))
    throw UsageError(fmt::format("{}: holds neither {}.safetensors nor {}.safetensors.index.json", folder.string(), stem, stem));
  return open_shards(folder, index_path, layout);
}

std::vector<FoundTensor> find_tensors(const Source& source, const TensorTable& table) {
  std::vector<FoundTensor> found;
  std::vector<std::string> faults;
  std::set<std::string> known;
  for (const TensorSpec& spec : table) {
    const bool official = source.layout == Layout::official;
    const std::string& name = official ? spec.name : spec.diffusers;
    const std::string& second = official ? spec.name : spec.alternative;
    known.insert({name, second});
    auto at = source.tensors.find(name);
    if (at == source.tensors.end()) at = source.tensors.find(second);
    if (at == source.tensors.end()) {
      if (spec.required) faults.push_back(fmt::format("missing: {} [{}]", name, fmt::join(spec.shape, ", ")));
      continue;
    }
    const io::TensorView& view = at->second;
    if (!is_weight(view.dtype))
      faults.push_back(fmt::format("dtype: {} is {}, expected F32, BF16 or F16", at->first, io::to_string(view.dtype)));
    else if (view.shape != spec.shape)
      faults.push_back(
          fmt::format("shape: {} is [{}], expected [{}]", at->first, fmt::join(view.shape, ", "), fmt::join(spec.shape, ", ")));
    else
      found.push_back({.name = spec.name, .view = view});
  }
  for (const auto& [name, view] : source.tensors)
    if (!known.contains(name)) faults.push_back(fmt::format("extra: {} [{}]", name, fmt::join(view.shape, ", ")));
  if (!faults.empty())
    throw UsageError(fmt::format("{}: the weights do not fit the model that its configuration describes ({} faults):\n  {}", source.place,
                                 faults.size(), fmt::join(faults, "\n  ")));
  return found;
}

}  // namespace wan::checkpoint
