// A component's weights as a file of the diffusers layout.
#pragma once

#include <filesystem>

#include "engine/checkpoint/weights.h"

namespace wan::checkpoint {

// Rounded to bfloat16, by the table's diffusers names. Throws UsageError with the system's reason.
void write_weights(const std::filesystem::path& file, const TensorTable& table, const Weights& weights);

}  // namespace wan::checkpoint
