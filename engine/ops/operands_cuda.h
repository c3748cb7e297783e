// What the CUDA variants of ops share: which operands a kernel can take, whether autograd follows them, and errors.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/GradMode.h>
#include <cuda_runtime_api.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/custom_function.h>

#include <initializer_list>
#include <optional>

#include "engine/base/error.h"
#include "engine/kernels/element.h"

namespace wan::ops {

inline std::optional<kernels::Element> element_of(at::ScalarType type) {
  if (type == at::kFloat) return kernels::Element::float32;
  if (type == at::kBFloat16) return kernels::Element::bfloat16;
  return std::nullopt;
}

// To `elements` of its own.
inline bool aligned(const at::Tensor& t, std::size_t elements) {
  return reinterpret_cast<std::uintptr_t>(t.const_data_ptr()) % (elements * t.element_size()) == 0;
}

// Whether autograd follows what is done to any of them.
inline bool followed(std::initializer_list<const at::Tensor*> tensors) {
  if (!c10::GradMode::is_enabled()) return false;
  for (const at::Tensor* tensor : tensors)
    if (tensor->defined() && tensor->requires_grad()) return true;
  return false;
}

inline void check(cudaError_t error, const char* op) {
  if (error != cudaSuccess) throw CudaError(error, fmt::format("{}: {}", op, cudaGetErrorString(error)));
}

}  // namespace wan::ops
