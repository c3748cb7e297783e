#include "engine/train/network.h"

#include <ATen/ops/full.h>
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/base/error.h"
#include "engine/runtime/tensor.h"

namespace wan::train {
namespace {

checkpoint::Weights one_weight(double value) {
  checkpoint::Weights weights;
  weights.tensors["layer.weight"] = at::full({1, 1}, value, at::TensorOptions(at::kFloat));
  weights.tensors["layer.bias"] = at::full({1}, value, at::TensorOptions(at::kFloat));
  return weights;
}

// loss = a * weight + b * bias has the gradients a and b.
void descend(Network& network, double a, double b, double rate, const AdamW& options = {}, double decay = 0.5) {
  (a * network.weights().at("layer.weight").sum() + b * network.weights().at("layer.bias").sum()).backward();
  Pace pace(at::kCPU);
  pace.set(rate, decay);
  network.step(pace, options);
}

double value(const Network& network, const char* name) { return network.weights().at(name).item<double>(); }

// The first step of Adam goes by the rate against the gradient's sign; decoupled decay takes rate * decay of the weight beside it.
TEST(Network, StepsAsAdamWSays) {
  Network network(one_weight(2.0), {.dtype = at::kFloat});
  const AdamW options{.beta1 = 0.9, .beta2 = 0.99, .eps = 0, .weight_decay = 0.1, .clip = 1e9};
  descend(network, 3.0, -5.0, 0.01, options);
  EXPECT_NEAR(value(network, "layer.weight"), 2.0 * (1 - 0.01 * 0.1) - 0.01, 1e-6);
  EXPECT_NEAR(value(network, "layer.bias"), 2.0 + 0.01, 1e-6) << "a bias does not decay";
  const double first = 0.9 * 0.1 * 3.0 + 0.1 * 6.0, second = 0.99 * 0.01 * 9.0 + 0.01 * 36.0;
  const double before = value(network, "layer.weight");
  descend(network, 6.0, -5.0, 0.01, options);
  const double update = (first / (1 - 0.81)) / std::sqrt(second / (1 - 0.9801));
  EXPECT_NEAR(value(network, "layer.weight"), before * (1 - 0.001) - 0.01 * update, 1e-6);
}

TEST(Network, ClipsTheNormOfTheWholeGradient) {
  Network clipped(one_weight(1.0), {.dtype = at::kFloat}), small(one_weight(1.0), {.dtype = at::kFloat});
  // Adam forgets the scale, so the moments tell: eps of the size of the gradient makes it show.
  const AdamW options{.eps = 1.0, .weight_decay = 0, .clip = 0.5};
  descend(clipped, 30.0, 40.0, 0.1, options);  // norm 50, so a hundredth
  descend(small, 0.3, 0.4, 0.1, options);
  EXPECT_NEAR(clipped.gradient_norm().item<double>(), 50.0, 1e-4);
  EXPECT_NEAR(value(clipped, "layer.weight"), value(small, "layer.weight"), 1e-7);
  EXPECT_NEAR(value(clipped, "layer.bias"), value(small, "layer.bias"), 1e-7);
}

TEST(Network, AveragesMastersAndRoundsThemForTheModel) {
  Network network(one_weight(1.0), {.dtype = at::kBFloat16, .keep_float32 = [](const std::string& name) { return name == "layer.bias"; }});
  EXPECT_EQ(network.weights().at("layer.weight").scalar_type(), at::kBFloat16);
  EXPECT_EQ(network.weights().at("layer.bias").scalar_type(), at::kFloat);
  descend(network, 1.0, 1.0, 1e-3, {.eps = 0, .weight_decay = 0, .clip = 1e9}, 0.75);
  EXPECT_EQ(value(network, "layer.weight"), 1.0) << "a thousandth below 1 rounds to 1 in bfloat16";
  EXPECT_NEAR(network.average().at("layer.weight").item<double>(), 1.0 - 0.25e-3, 1e-7);
  for (int i = 0; i < 5; ++i) descend(network, 1.0, 1.0, 1e-3, {.eps = 0, .weight_decay = 0, .clip = 1e9});
  EXPECT_LT(value(network, "layer.weight"), 1.0) << "the masters keep what rounding hides";
}

TEST(Network, ABrokenGradientChangesNothingAndIsCounted) {
  Network network(one_weight(1.0), {.dtype = at::kFloat});
  descend(network, std::numeric_limits<double>::quiet_NaN(), 1.0, 0.1);
  EXPECT_EQ(value(network, "layer.weight"), 1.0);
  EXPECT_EQ(value(network, "layer.bias"), 1.0);
  EXPECT_EQ(network.skipped().item<double>(), 1.0);
  descend(network, 1.0, 1.0, 0.1);
  EXPECT_LT(value(network, "layer.weight"), 1.0);
}

TEST(Network, GoesOnFromItsState) {
  Network whole(one_weight(1.0), {.dtype = at::kBFloat16}), resumed(one_weight(7.0), {.dtype = at::kBFloat16});
  for (int i = 0; i < 3; ++i) descend(whole, 1.0 + i, -1.0, 0.01);
  TensorMap state;
  for (const auto& [name, tensor] : whole.state()) state[name] = tensor.clone();
  resumed.restore(state, "state");
  for (int i = 0; i < 3; ++i) {
    descend(whole, 2.0 - i, 1.0, 0.01);
    descend(resumed, 2.0 - i, 1.0, 0.01);
  }
  for (const auto& [name, tensor] : whole.state()) EXPECT_TRUE(tensor.equal(resumed.state().at(name))) << name;
  state.erase("layer.bias;first");
  try {
    resumed.restore(state, "folder/x.state");
    FAIL() << "a state without a tensor was taken";
  } catch (const UsageError& error) {
    EXPECT_NE(std::string(error.what()).find("folder/x.state: 'layer.bias;first'"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace wan::train
