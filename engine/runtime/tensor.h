// The prelude of every file that touches tensors: the one way ATen enters our tree. Add `ATen/ops/<name>.h` for each free function called.
// ivalue.h comes first for older LibTorch with clang.
#pragma once

#include <ATen/core/ivalue.h>
//
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
