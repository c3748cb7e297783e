#include "engine/train/flops.h"

#include <ATen/ops/matmul.h>
#include <ATen/ops/ones.h>
#include <c10/core/GradMode.h>

#include <chrono>

#include "engine/layer.h"
#include "engine/runtime/device.h"
#include "engine/runtime/tensor.h"
#include "engine/train/device_seams.h"

namespace wan::train {
namespace {

double rows_of(const at::Tensor& x) { return static_cast<double>(x.numel()) / static_cast<double>(x.size(-1)); }

double product(const Linear& layer, double rows) { return 2 * rows * static_cast<double>(layer.weight.numel()); }

}  // namespace

std::shared_ptr<const Seams> counting_seams(std::shared_ptr<double> count, at::Device device) {
  auto seams = std::make_shared<Seams>(device_seams(device));
  seams->project = [count, next = seams->project](const Linear& layer, const Activation& x) {
    *count += product(layer, rows_of(x.tensor));
    return next(layer, x);
  };
  seams->qkv = [count, next = seams->qkv](std::span<const Linear> layers, const Activation& x) {
    for (const Linear& layer : layers) *count += product(layer, rows_of(x.tensor));
    return next(layers, x);
  };
  seams->ffn = [count, next = seams->ffn](const Linear& up, const Linear& down, const Activation& x) {
    *count += product(up, rows_of(x.tensor)) + product(down, rows_of(x.tensor));
    return next(up, down, x);
  };
  seams->attention = [count, next = seams->attention](const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
    *count += 4 * static_cast<double>(q.numel()) * static_cast<double>(k.size(2));
    return next(q, k, v);
  };
  seams->convolve = [count, next = seams->convolve](const Convolution& layer, const at::Tensor& x) {
    at::Tensor y = next(layer, x);
    *count += 2 * static_cast<double>(y.numel()) * static_cast<double>(layer.weight.numel()) / static_cast<double>(layer.weight.size(0));
    return y;
  };
  return seams;
}

double measure_product_rate(at::Device device, at::ScalarType dtype) {
  const c10::AutoGradMode off(false);
  const std::int64_t n = device.is_cpu() ? 1024 : 8192;
  const at::Tensor a = at::ones({n, n}, at::TensorOptions(dtype).device(device));
  double best = 0;
  for (int i = 0; i < 5; ++i) {
    runtime::synchronize(device);
    const auto start = std::chrono::steady_clock::now();
    at::matmul(a, a);
    runtime::synchronize(device);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    best = std::max(best, 2.0 * static_cast<double>(n * n * n) / seconds);
  }
  return best;
}

}  // namespace wan::train
