// The tensors of a Wan transformer: our names are the official repository's, with the diffusers name and the shape of each (wan.md 3.3).
#pragma once

#include <string>

#include "engine/checkpoint/weights.h"
#include "engine/model/config.h"

namespace wan::model {

checkpoint::TensorTable transformer_tensors(const TransformerConfig& config);

// The block that a tensor belongs to, or kOutsideBlocks.
int block_of(const std::string& name);
constexpr int kOutsideBlocks = -1;

// These are computed in float32 under bfloat16 and kept so: modulation tables, norms, the time path and the head.
bool keep_float32(const std::string& name);

}  // namespace wan::model
