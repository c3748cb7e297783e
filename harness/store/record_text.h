// Facts of a record in one line, for tables, messages and keys.
#pragma once

#include <string>

#include "harness/store/record.h"

namespace wan::store {

// What times depend on: the GPU's name, or the CPU's with its cores.
std::string machine_class(const Environment& environment);

// 832x480, 81 frames, 40 steps, unipc, bfloat16
std::string shape_text(const plan::Shape& shape);

}  // namespace wan::store
