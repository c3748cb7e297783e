#include "engine/layer.h"

#include <fmt/format.h>

namespace wan {
namespace {

const char* word(Part part) {
  switch (part) {
    case Part::text:
      return "text";
    case Part::high_noise:
      return "high_noise";
    case Part::low_noise:
      return "low_noise";
    case Part::vae:
      return "vae";
  }
  return "?";
}

const char* word(Role role) {
  switch (role) {
    case Role::patch_embedding:
      return "patch_embedding";
    case Role::text_embedding:
      return "text_embedding";
    case Role::time_embedding:
      return "time_embedding";
    case Role::time_projection:
      return "time_projection";
    case Role::head:
      return "head";
    case Role::self_qkv:
      return "self_qkv";
    case Role::self_output:
      return "self_output";
    case Role::cross_query:
      return "cross_query";
    case Role::cross_key_value:
      return "cross_key_value";
    case Role::cross_output:
      return "cross_output";
    case Role::ffn_up:
      return "ffn_up";
    case Role::ffn_down:
      return "ffn_down";
    case Role::text_attention:
      return "text_attention";
    case Role::text_ffn:
      return "text_ffn";
    case Role::token_embedding:
      return "token_embedding";
    case Role::convolution:
      return "convolution";
  }
  return "?";
}

}  // namespace

std::int64_t PackedWeight::bytes() const {
  std::int64_t total = 0;
  with_tensors([&](const at::Tensor& tensor) {
    total += static_cast<std::int64_t>(tensor.nbytes());
    return tensor;
  });
  return total;
}

std::int64_t bytes_of(const Linear& layer) {
  std::int64_t total = layer.packed ? layer.packed->bytes() : 0;
  for (const at::Tensor* tensor : {&layer.weight, &layer.bias})
    if (tensor->defined()) total += static_cast<std::int64_t>(tensor->nbytes());
  return total;
}

std::string to_string(const LayerId& id) {
  return fmt::format("{}{}.{}.{}", word(id.part), id.block < 0 ? "" : fmt::format(".{}", id.block), word(id.role), id.index);
}

}  // namespace wan
