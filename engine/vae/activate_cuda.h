// The CUDA variant of vae::extend_activated (plug-in), with gradients for x, gamma and the frames before. Takes what the kernel can:
// bfloat16 or float32 channels-last on the device, whose channels fill whole pieces of 16 bytes.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

namespace wan {
struct ExtendActivated;
}

namespace wan::vae {

// Nothing if the kernel cannot take these operands; then the reference path serves.
std::optional<at::Tensor> extend_activated_cuda(const ExtendActivated& in);

}  // namespace wan::vae
