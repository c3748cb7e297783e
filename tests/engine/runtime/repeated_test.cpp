#include "engine/runtime/repeated.h"

#include <ATen/ops/full.h>
#include <gtest/gtest.h>

#include "engine/runtime/device.h"
#include "engine/runtime/tensor.h"
#include "engine/train/network.h"
#include "tests/support/engine/cuda.h"

namespace wan::runtime {
namespace {

TEST(Repeated, RunsTheBodyAtEachCallOnTheCpu) {
  int calls = 0;
  Repeated repeated(at::kCPU, [&] { ++calls; });
  for (int i = 0; i < 5; ++i) repeated();
  EXPECT_EQ(calls, 5);
}

// Gradient descent with momentum on a * w + w^2, `a` given anew at each step.
std::vector<double> descend(at::Device device, int* bodies) {
  leave_default_stream(device);
  checkpoint::Weights initial;
  initial.tensors["w.weight"] = at::full({2, 2}, 0.5, at::TensorOptions(at::kFloat));
  train::Network network(initial, {.dtype = at::kFloat, .device = device});
  train::Pace pace(device);
  const at::Tensor a = at::full({}, 0.0, at::TensorOptions(at::kFloat).device(device));
  at::Tensor loss;
  Repeated update(device, [&] {
    ++*bodies;
    const at::Tensor& w = network.weights().at("w.weight");
    const at::Tensor sum = (a * w + w.square()).sum();
    sum.backward();
    loss = sum.detach();
    network.step(pace, {});
  });
  std::vector<double> losses;
  for (int step = 0; step < 8; ++step) {
    a.fill_(0.3 * step - 1.0);
    pace.set(0.01 * (step + 1), 0.9);
    update();
    losses.push_back(loss.item<double>());
  }
  losses.push_back(network.average().at("w.weight").sum().item<double>());
  return losses;
}

TEST(RepeatedGpu, AReplayedUpdateReadsNewInputsAndGoesOn) {
  WAN_SKIP_WITHOUT_CUDA();
  int on_host = 0, on_device = 0;
  const auto expected = descend(at::kCPU, &on_host), measured = descend(open_device("cuda"), &on_device);
  EXPECT_EQ(on_host, 8);
  EXPECT_EQ(on_device, 3) << "two calls as they are, one recorded";
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(measured[i], expected[i], 1e-5) << i;
}

}  // namespace
}  // namespace wan::runtime
