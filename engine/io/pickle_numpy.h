// NumPy arrays inside a pickle, in the form numpy.ndarray.__reduce__ gives them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/io/pickle.h"
#include "engine/io/tensor_view.h"

namespace wan::io {

// What a pickle of plain arrays may name (NumPy 2 moved the function to numpy._core).
inline constexpr std::array<std::string_view, 4> kNumpyGlobals = {"numpy.core.multiarray._reconstruct",
                                                                  "numpy._core.multiarray._reconstruct", "numpy.ndarray", "numpy.dtype"};

struct NumpyArray {
  Dtype dtype = Dtype::f32;
  std::vector<std::int64_t> shape = {};
  bool fortran_order = false;
  std::span<const std::byte> data = {};  // little-endian, points into the file
};

// Throws UsageError, beginning with `where`, if `value` is no array, or one of a dtype, byte order or size that does not fit.
NumpyArray numpy_array(const PickleValue& value, const std::string& where);

}  // namespace wan::io
