// LoRA files (safetensors) as changes to a component's weights: W + scale * alpha / rank * B A, and whole differences where a file has
// those. The changes are computed when a weight is loaded (LoadPolicy::additions), so it is rounded once.
#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>

#include "engine/checkpoint/source.h"

namespace wan::checkpoint {

struct LoraFile {
  std::filesystem::path path;
  double scale = 1.0;
};

enum class LoraExpert { only, high_noise, low_noise };  // whose weights the table describes

using Additions = std::map<std::string, std::function<at::Tensor()>>;  // our name -> float32, of the weight's shape

// What the files together add to the weights of the table. Keys: a prefix (`diffusion_model.`, `transformer.`, `base_model.model.`, or
// none), the layer in official or diffusers names, and `.lora_A.weight`/`.lora_B.weight`, `.lora_down.weight`/`.lora_up.weight`, `.alpha`,
// `.diff` (of the weight) or `.diff_b` (of the bias); or `lora_unet_` and the layer with `_` for `.`. Keys under `transformer_2.` are the
// low-noise expert's. Throws UsageError that lists every key that fits no weight, every half of a pair without the other, and every wrong
// shape.
Additions lora_additions(std::span<const LoraFile> files, const TensorTable& table, LoraExpert expert);

}  // namespace wan::checkpoint
