#include "engine/model/block.h"

#include <algorithm>

#include "engine/runtime/tensor.h"

namespace wan::model {
namespace {

std::array<Linear*, 10> layers_of(Block& b) {
  return {&b.self_qkv[0],        &b.self_qkv[1],        &b.self_qkv[2],  &b.self_output, &b.cross_query,
          &b.cross_key_value[0], &b.cross_key_value[1], &b.cross_output, &b.ffn_up,      &b.ffn_down};
}

}  // namespace

Block with_tensors(const Block& block, const TensorChange& change) {
  Block b = block;
  const auto replace = [&](at::Tensor& tensor) {
    if (tensor.defined()) tensor = change(tensor);
  };
  for (at::Tensor* tensor :
       {&b.modulation, &b.self_norm_q, &b.self_norm_k, &b.norm3_weight, &b.norm3_bias, &b.cross_norm_q, &b.cross_norm_k})
    replace(*tensor);
  for (Linear* layer : layers_of(b)) {
    replace(layer->weight);
    replace(layer->bias);
    if (layer->packed) layer->packed = layer->packed->with_tensors(change);
  }
  return b;
}

std::vector<at::Tensor> tensors_of(const Block& block) {
  std::vector<at::Tensor> tensors;
  with_tensors(block, [&](const at::Tensor& tensor) { return tensors.emplace_back(tensor); });
  return tensors;
}

std::int64_t bytes_of(const Block& block) {
  std::int64_t bytes = 0;
  for (const at::Tensor& tensor : tensors_of(block)) bytes += static_cast<std::int64_t>(tensor.nbytes());
  return bytes;
}

bool has_packed_weights(const Block& block) {
  Block b = block;
  const auto layers = layers_of(b);
  return std::any_of(layers.begin(), layers.end(), [](const Linear* layer) { return layer->packed != nullptr; });
}

}  // namespace wan::model
