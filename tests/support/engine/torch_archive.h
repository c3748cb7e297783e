// Writes zip archives and torch.save files for tests, honest ones and damaged ones. Data may be a hole of any size, so that a file as large
// as a real checkpoint costs no disk.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "engine/io/tensor_view.h"

namespace wan::test {

struct ZipEntry {
  std::string name;
  std::string data = {};
  std::uint64_t hole = 0;  // zeros behind `data`
  std::uint16_t method = 0, flags = 0x808;
  std::string local_name = {};  // empty: the same
  std::int64_t moved = 0;       // added to the header's place that the directory tells
  std::int64_t grown = 0;       // added to the size that the directory tells
};

void write_zip(const std::filesystem::path& path, std::span<const ZipEntry> entries, bool zip64 = false);

// Values of a pickle, protocol 2.
namespace pickled {
std::string text(const std::string& value);
std::string integer(std::int64_t value);
std::string tuple(const std::vector<std::string>& items);
std::string ints(const std::vector<std::int64_t>& values);
std::string global(const std::string& module, const std::string& name);
std::string call(const std::string& callee, const std::string& arguments);
std::string storage(const std::string& kind, const std::string& key, std::int64_t elements);  // torch.<kind>
std::string tensor(const std::string& storage, std::int64_t offset, const std::vector<std::int64_t>& shape,
                   const std::vector<std::int64_t>& strides);
std::string dict(const std::vector<std::pair<std::string, std::string>>& items);
std::string file(const std::string& root);
}  // namespace pickled

std::vector<std::int64_t> dense_strides(const std::vector<std::int64_t>& shape);

struct NamedShape {
  std::string name;
  std::vector<std::int64_t> shape;
};

// A state dict whose tensors are all zero, each in a storage of its own. `dtype` F32 or BF16.
void write_empty_torch_file(const std::filesystem::path& path, std::span<const NamedShape> tensors, io::Dtype dtype);

// The same as one safetensors file.
void write_empty_safetensors(const std::filesystem::path& path, std::span<const NamedShape> tensors, io::Dtype dtype);

}  // namespace wan::test
