#include "engine/checkpoint/lora.h"

#include <ATen/ops/matmul.h>
#include <fmt/format.h>

#include <numeric>
#include <vector>

#include "engine/base/error.h"
#include "engine/checkpoint/lora_keys.h"
#include "engine/checkpoint/weights.h"
#include "engine/io/json.h"
#include "engine/runtime/tensor.h"

namespace wan::checkpoint {
namespace {

// What one file says of one layer.
struct Change {
  std::map<LoraPart, const io::TensorView*> parts = {};
  const io::TensorView* find(LoraPart part) const {
    const auto found = parts.find(part);
    return found == parts.end() ? nullptr : found->second;
  }
};

at::Tensor float32(const io::TensorView& view) {
  const Source one{.place = "LoRA", .layout = Layout::official, .tensors = {{"value", view}}};
  return load_weights(one, {{.name = "value", .diffusers = "value", .shape = view.shape}}, {.dtype = at::kFloat}).at("value");
}

// Files that diffusers saves keep alpha in their metadata instead of in tensors.
std::optional<double> alpha_of_metadata(const io::SafetensorsFile& file, bool low_noise, const std::string& place) {
  const auto entry = file.metadata().find("lora_adapter_metadata");
  if (entry == file.metadata().end()) return std::nullopt;
  const auto json = io::JsonValue::parse(entry->second, place + ": lora_adapter_metadata");
  const std::string prefix = low_noise ? "transformer_2." : "transformer.";
  for (const char* other : {"use_dora", "use_rslora"})
    if (json.get(prefix + other, false)) throw UsageError(fmt::format("{}: {} is not supported; only plain LoRA is", place, other));
  for (const char* pattern : {"alpha_pattern", "rank_pattern"})
    if (json.has(prefix + pattern) && json.at(prefix + pattern).size() > 0)
      throw UsageError(fmt::format("{}: {} is not supported; write an .alpha tensor for each layer", place, pattern));
  return json.has(prefix + "lora_alpha") ? std::optional(json.at(prefix + "lora_alpha").as_double()) : std::nullopt;
}

class Merger {
 public:
  Merger(const TensorTable& table, LoraExpert expert) : keys_(table), expert_(expert) {
    for (const TensorSpec& spec : table) specs_[spec.name] = &spec;
  }

  void add(const LoraFile& lora) {
    const std::string place = lora.path.string();
    const auto file = io::SafetensorsFile::open(lora.path);
    const bool low_noise = expert_ == LoraExpert::low_noise;
    const auto changes = read_changes(file, place);
    const auto default_alpha = alpha_of_metadata(file, low_noise, place);
    for (const auto& [module, change] : changes) {
      add_product(place, module, change, lora.scale, default_alpha);
      add_difference(place, module + ".weight", change.find(LoraPart::weight_difference), lora.scale);
      add_difference(place, module + ".bias", change.find(LoraPart::bias_difference), lora.scale);
    }
  }

  Additions take() {
    if (!faults_.empty())
      throw UsageError(fmt::format("LoRA files that do not fit the model ({} faults):\n  {}", faults_.size(), fmt::join(faults_, "\n  ")));
    Additions additions;
    for (auto& [name, terms] : terms_)
      additions[name] = [terms = std::move(terms)] {
        at::Tensor sum = terms.front()();
        for (std::size_t i = 1; i < terms.size(); ++i) sum = sum + terms[i]();
        return sum;
      };
    return additions;
  }

 private:
  using Term = std::function<at::Tensor()>;

  // A file that names the low-noise expert anywhere means the high-noise one by its other keys; one that does not means both.
  std::map<std::string, Change> read_changes(const io::SafetensorsFile& file, const std::string& place) {
    std::map<std::string, Change> changes;
    std::vector<std::pair<LoraKey, const io::TensorView*>> parsed;
    bool names_low_noise = false;
    for (const auto& [key, view] : file.tensors()) {
      const auto meaning = keys_.parse(key);
      if (!meaning || (meaning->low_noise && expert_ == LoraExpert::only))
        faults_.push_back(fmt::format("{}: '{}' fits no weight of the model", place, key));
      else if (view.dtype != io::Dtype::f32 && view.dtype != io::Dtype::bf16 && view.dtype != io::Dtype::f16)
        faults_.push_back(fmt::format("{}: '{}' is {}, expected F32, BF16 or F16", place, key, io::to_string(view.dtype)));
      else
        parsed.emplace_back(*meaning, &view);
      names_low_noise = names_low_noise || (meaning && meaning->low_noise);
    }
    if (file.tensors().empty()) faults_.push_back(fmt::format("{}: holds no tensor", place));
    for (const auto& [key, view] : parsed) {
      if (names_low_noise && key.low_noise != (expert_ == LoraExpert::low_noise)) continue;
      if (!changes[key.module].parts.emplace(key.part, view).second)
        faults_.push_back(fmt::format("{}: two tensors for one part of '{}'", place, key.module));
    }
    return changes;
  }

  void add_product(const std::string& place, const std::string& module, const Change& change, double scale,
                   std::optional<double> default_alpha) {
    const auto *down = change.find(LoraPart::down), *up = change.find(LoraPart::up), *alpha = change.find(LoraPart::alpha);
    if (!down && !up && !alpha) return;
    const auto fault = [&](const std::string& what) { faults_.push_back(fmt::format("{}: '{}': {}", place, module, what)); };
    if (!down || !up) return fault(fmt::format("lacks its {}", down ? "lora_B (lora_up)" : "lora_A (lora_down)"));
    if (alpha && alpha->numel() != 1) return fault("its alpha is not one number");
    const TensorSpec& spec = *specs_.at(module + ".weight");
    // Of a convolution the factors may be kernels; flattened they are the matrices of the same product.
    const auto rows = [](const io::TensorView& view) { return view.shape.empty() ? 0 : view.shape[0]; };
    const std::int64_t rank = rows(*down), out = rows(*up);
    const std::int64_t in = std::accumulate(spec.shape.begin() + 1, spec.shape.end(), std::int64_t{1}, std::multiplies());
    if (rank == 0 || out != spec.shape[0] || up->numel() != out * rank || down->numel() != rank * in)
      return fault(
          fmt::format("[{}] times [{}] is no [{}]", fmt::join(up->shape, ", "), fmt::join(down->shape, ", "), fmt::join(spec.shape, ", ")));
    const double strength = alpha ? float32(*alpha).item<double>() : default_alpha.value_or(static_cast<double>(rank));
    terms_[spec.name].push_back([down = *down, up = *up, shape = spec.shape, factor = scale * strength / static_cast<double>(rank)] {
      const at::Tensor b = float32(up).flatten(1), a = float32(down).flatten(1);  // [out, rank], [rank, in]
      return (at::matmul(b, a) * factor).view(shape);
    });
  }

  void add_difference(const std::string& place, const std::string& name, const io::TensorView* difference, double scale) {
    if (!difference) return;
    const auto spec = specs_.find(name);
    if (spec == specs_.end() || spec->second->shape != difference->shape)
      return faults_.push_back(
          fmt::format("{}: the difference [{}] is not of the shape of '{}'", place, fmt::join(difference->shape, ", "), name));
    terms_[name].push_back([view = *difference, scale] { return float32(view) * scale; });
  }

  LoraKeys keys_;
  LoraExpert expert_;
  std::map<std::string, const TensorSpec*> specs_;
  std::map<std::string, std::vector<Term>> terms_;
  std::vector<std::string> faults_;
};

}  // namespace

Additions lora_additions(std::span<const LoraFile> files, const TensorTable& table, LoraExpert expert) {
  Merger merger(table, expert);
  for (const LoraFile& file : files) merger.add(file);
  return merger.take();
}

}  // namespace wan::checkpoint
