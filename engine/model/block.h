// The weights of one transformer block, and the walk over all of its tensors by which a block is moved as a whole.
#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <vector>

#include "engine/layer.h"

namespace wan::model {

struct Block {
  at::Tensor modulation = {};  // [1, 6, d] float32: shift, scale, gate of attention, then of the FFN
  std::array<Linear, 3> self_qkv = {};
  Linear self_output = {};
  at::Tensor self_norm_q = {}, self_norm_k = {};  // [d]
  at::Tensor norm3_weight = {}, norm3_bias = {};  // [d]
  Linear cross_query = {};
  std::array<Linear, 2> cross_key_value = {};
  Linear cross_output = {};
  at::Tensor cross_norm_q = {}, cross_norm_k = {};  // [d]
  Linear ffn_up = {}, ffn_down = {};
};

// The same block with every tensor replaced, those of packed weights too; always in one order. Undefined tensors stay so.
Block with_tensors(const Block& block, const TensorChange& change);

std::vector<at::Tensor> tensors_of(const Block& block);
std::int64_t bytes_of(const Block& block);
bool has_packed_weights(const Block& block);

}  // namespace wan::model
