// One tensor as it lies in a mapped file, whatever the file's format. ATen-free.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace wan::io {

enum class Dtype { boolean, u8, i8, i16, u16, f16, bf16, i32, u32, f32, f64, i64, u64, f8_e4m3, f8_e5m2 };

std::size_t byte_size(Dtype dtype);
const char* to_string(Dtype dtype);  // the word of safetensors: BF16, F32, ...
std::optional<Dtype> dtype_named(std::string_view word);

// Bytes of a dense tensor; nothing if an extent is negative, or if the product of the extents, zeros left out, passes 63 bits: strides over
// such a shape would not fit, even where a zero makes the tensor empty.
std::optional<std::uint64_t> dense_bytes(std::span<const std::int64_t> shape, Dtype dtype);

// Valid as long as a copy of `owner` lives.
struct TensorView {
  Dtype dtype = Dtype::f32;
  std::vector<std::int64_t> shape = {};
  std::span<const std::byte> data = {};    // row-major, little-endian
  std::shared_ptr<const void> owner = {};  // keeps the mapping alive
  std::int64_t numel() const;
  bool is_aligned() const;  // formats allow any address: copy before reading elements where this is false
};

}  // namespace wan::io
