#include "engine/checkpoint/write.h"

#include "engine/io/safetensors.h"
#include "engine/runtime/tensor.h"

namespace wan::checkpoint {

void write_weights(const std::filesystem::path& file, const TensorTable& table, const Weights& weights) {
  std::vector<at::Tensor> kept;  // until they are written
  std::vector<io::TensorToWrite> tensors;
  for (const TensorSpec& spec : table) {
    kept.push_back(weights.at(spec.name).detach().to(at::kCPU, at::kBFloat16).contiguous());
    tensors.push_back({.name = spec.diffusers,
                       .dtype = io::Dtype::bf16,
                       .shape = spec.shape,
                       .data = {static_cast<const std::byte*>(kept.back().const_data_ptr()), kept.back().nbytes()}});
  }
  io::write_safetensors(file, tensors);
}

}  // namespace wan::checkpoint
