// safetensors files: memory-mapped reading, and writing. ATen-free. Format: https://github.com/huggingface/safetensors (README, "Format").
// Every offset, shape and dtype is checked before use: a truncated or hostile file is a UsageError, never a crash or an over-read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/io/tensor_view.h"

namespace wan::io {

class SafetensorsFile {
 public:
  // Maps the file and checks the whole header. Throws UsageError: file, what was expected, what was found.
  static SafetensorsFile open(const std::filesystem::path& path);
  // The same checks over bytes in memory (`name` stands for the path in messages); the fuzz target's door.
  static SafetensorsFile parse(std::span<const std::byte> bytes, std::shared_ptr<const void> owner, const std::string& name);

  const std::map<std::string, TensorView>& tensors() const { return tensors_; }
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  // Throws UsageError naming the file if it is absent.
  const TensorView& at(const std::string& tensor) const;

 private:
  std::string name_;
  std::map<std::string, TensorView> tensors_;
  std::map<std::string, std::string> metadata_;
};

struct TensorToWrite {
  std::string name;
  Dtype dtype = Dtype::f32;
  std::vector<std::int64_t> shape = {};
  std::span<const std::byte> data = {};
};

// A reader never sees half a file (new_file.h). Throws UsageError with the system's reason, CheckError for a size that is not the shape's.
void write_safetensors(const std::filesystem::path& path, std::span<const TensorToWrite> tensors,
                       const std::map<std::string, std::string>& metadata = {});

}  // namespace wan::io
