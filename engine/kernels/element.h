// What the values that a kernel reads or writes are.
#pragma once

namespace wan::kernels {

enum class Element { float32, bfloat16 };

}  // namespace wan::kernels
