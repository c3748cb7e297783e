#include "engine/io/tensor_view.h"

#include <algorithm>
#include <array>
#include <limits>

namespace wan::io {
namespace {

struct DtypeRow {
  Dtype dtype;
  std::string_view word;
  std::size_t size;
};
constexpr std::array<DtypeRow, 15> kDtypes = {{{Dtype::boolean, "BOOL", 1},
                                               {Dtype::u8, "U8", 1},
                                               {Dtype::i8, "I8", 1},
                                               {Dtype::i16, "I16", 2},
                                               {Dtype::u16, "U16", 2},
                                               {Dtype::f16, "F16", 2},
                                               {Dtype::bf16, "BF16", 2},
                                               {Dtype::i32, "I32", 4},
                                               {Dtype::u32, "U32", 4},
                                               {Dtype::f32, "F32", 4},
                                               {Dtype::f64, "F64", 8},
                                               {Dtype::i64, "I64", 8},
                                               {Dtype::u64, "U64", 8},
                                               {Dtype::f8_e4m3, "F8_E4M3", 1},
                                               {Dtype::f8_e5m2, "F8_E5M2", 1}}};

const DtypeRow& row(Dtype dtype) {
  return *std::find_if(kDtypes.begin(), kDtypes.end(), [&](const DtypeRow& r) { return r.dtype == dtype; });
}

}  // namespace

std::size_t byte_size(Dtype dtype) { return row(dtype).size; }
const char* to_string(Dtype dtype) { return row(dtype).word.data(); }

std::optional<Dtype> dtype_named(std::string_view word) {
  const auto found = std::find_if(kDtypes.begin(), kDtypes.end(), [&](const DtypeRow& r) { return r.word == word; });
  return found == kDtypes.end() ? std::nullopt : std::optional(found->dtype);
}

std::optional<std::uint64_t> dense_bytes(std::span<const std::int64_t> shape, Dtype dtype) {
  constexpr auto kLimit = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  std::uint64_t bound = byte_size(dtype);
  bool empty = false;
  for (const std::int64_t extent : shape) {
    if (extent < 0) return std::nullopt;
    empty = empty || extent == 0;
    const auto n = std::max<std::uint64_t>(static_cast<std::uint64_t>(extent), 1);
    if (bound > kLimit / n) return std::nullopt;
    bound *= n;
  }
  return empty ? 0 : bound;
}

std::int64_t TensorView::numel() const {
  std::int64_t n = 1;
  for (const std::int64_t extent : shape) n *= extent;
  return n;
}

bool TensorView::is_aligned() const { return reinterpret_cast<std::uintptr_t>(data.data()) % byte_size(dtype) == 0; }

}  // namespace wan::io
