// Elements from the dtype of a file to that of a weight, by the thread that calls: what LibTorch does too, but that brings in a team of
// threads for it, and here every thread has a piece of its own.
#pragma once

#include <c10/core/ScalarType.h>

#include <cstddef>

namespace wan::checkpoint {

// float32, bfloat16 or float16 to float32 or bfloat16, rounded to nearest even; or any dtype to itself. Both sides are aligned.
void convert(c10::ScalarType stored, const void* from, c10::ScalarType wanted, void* to, std::size_t elements);

}  // namespace wan::checkpoint
