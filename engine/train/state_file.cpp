#include "engine/train/state_file.h"

#include <fmt/format.h>

#include <charconv>

#include "engine/base/error.h"
#include "engine/checkpoint/weights.h"
#include "engine/io/safetensors.h"
#include "engine/runtime/tensor.h"

namespace wan::train {

void write_state(const TrainingState& state, const std::filesystem::path& path) {
  std::vector<at::Tensor> kept;  // on the host until all is written
  std::vector<io::TensorToWrite> tensors;
  for (const auto& [network, map] : state.networks)
    for (const auto& [name, tensor] : map) {
      const at::Tensor& host = kept.emplace_back(tensor.detach().to(at::kCPU).contiguous());
      tensors.push_back({.name = network + ";" + name,
                         .dtype = io::Dtype::f32,
                         .shape = host.sizes().vec(),
                         .data = {static_cast<const std::byte*>(host.const_data_ptr()), host.nbytes()}});
    }
  io::write_safetensors(path, tensors, {{"settings", state.settings}, {"step", std::to_string(state.step)}});
}

TrainingState read_state(const std::filesystem::path& path, const std::optional<std::string>& settings) {
  const auto file = io::SafetensorsFile::open(path);
  const auto metadata = [&](const char* key) {
    const auto found = file.metadata().find(key);
    if (found == file.metadata().end()) throw UsageError(fmt::format("{}: no '{}' in it: not the state of a training", path.string(), key));
    return found->second;
  };
  TrainingState state{.settings = metadata("settings")};
  if (settings && state.settings != *settings)
    throw UsageError(
        fmt::format("{}: the training in this folder has other settings\n  there: {}\n  asked: {}\nname another folder, or its settings",
                    path.string(), state.settings, *settings));
  const std::string step = metadata("step");
  if (std::from_chars(step.data(), step.data() + step.size(), state.step).ec != std::errc{} || state.step < 0)
    throw UsageError(fmt::format("{}: step '{}' is no number", path.string(), step));
  for (const auto& [name, view] : file.tensors()) {
    const auto cut = name.find(';');
    if (cut == std::string::npos || view.dtype != io::Dtype::f32)
      throw UsageError(fmt::format("{}: tensor '{}' belongs to no training", path.string(), name));
    const checkpoint::FoundTensor found[] = {{.name = name, .view = view}};
    state.networks[name.substr(0, cut)][name.substr(cut + 1)] = checkpoint::load_tensors(found, {.dtype = at::kFloat}).at(name);
  }
  return state;
}

const TensorMap& network_of(const TrainingState& state, const std::string& name, const std::string& place) {
  const auto found = state.networks.find(name);
  if (found == state.networks.end()) throw UsageError(fmt::format("{}: no network '{}' in it", place, name));
  return found->second;
}

}  // namespace wan::train
