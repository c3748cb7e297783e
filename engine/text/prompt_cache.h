// Prompt embeddings kept on disk, so that a prompt seen before needs no text encoder. A key is the hash of all that decides the values; an
// entry is one safetensors file, written whole or not at all, with a checksum of its values. Any number of processes may share a folder.
// The cache never fails a generation: what cannot be read or written is a warning and a miss.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

namespace wan::text {

class PromptCache {
 public:
  static constexpr std::int64_t kDefaultLimitBytes = std::int64_t{1} << 30;

  // `identity`: whatever else than the ids decides the values (weights, precision, how weights are stored, device, build). The folder is
  // made when first written to. Over `limit_bytes` the entries used least recently are removed.
  PromptCache(std::filesystem::path folder, std::string identity, std::int64_t limit_bytes = kDefaultLimitBytes);

  // [1, ids, d] of `dtype` on the host, bit-equal to what was stored. An entry that is damaged or of another shape is no hit.
  std::optional<at::Tensor> find(std::span<const std::int64_t> ids, std::int64_t d, at::ScalarType dtype) const;
  void store(std::span<const std::int64_t> ids, const at::Tensor& states) const;

  std::filesystem::path file_of(std::span<const std::int64_t> ids) const;

 private:
  void evict() const;

  std::filesystem::path folder_;
  std::string identity_;
  std::int64_t limit_bytes_;
};

}  // namespace wan::text
