// What a forward pass must compute at least, counted where it goes through the seams, and how fast the device multiplies: the floor under a
// step's time.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>

#include "engine/seams.h"

namespace wan::train {

// The device's seams; every product of matrices, attention and convolution adds its floating-point operations (two a multiply-add) to
// `count`. Element-wise work is not counted.
std::shared_ptr<const Seams> counting_seams(std::shared_ptr<double> count, at::Device device);

// Operations a second of a large product of matrices in `dtype`, the best of a few.
double measure_product_rate(at::Device device, at::ScalarType dtype);

}  // namespace wan::train
