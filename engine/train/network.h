// A network's parameters while they are trained: float32 masters with AdamW's moments and an exponential moving average, and beside them
// the tensors that the model's own code computes with, in the dtypes of inference. A step reads the gradients of those, updates the masters
// and rounds them back: explicit casts, no autocast. Parameters that are treated alike lie in one flat tensor, so that a step takes a dozen
// kernels and not a dozen a parameter.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/checkpoint/weights.h"
#include "engine/train/training.h"

namespace wan::train {

// By name, each on the network's device.
using TensorMap = std::map<std::string, at::Tensor>;

// What changes from step to step, where the device can read it: 0-dim float32 tensors.
struct Pace {
  at::Tensor learning_rate, average_weight;  // of the masters in their moving average: 1 - decay
  explicit Pace(at::Device device);
  void set(double rate, double decay);
};

class Network {
 public:
  enum class Order { rows, channels_last };  // of convolutions' weights, as their inputs lie

  // `policy` says dtype, device and what stays float32 of the tensors that the model computes with. `initial` has float32 values.
  Network(const checkpoint::Weights& initial, const checkpoint::LoadPolicy& policy, Order order = Order::rows);

  // What the model is built from, once: `step` changes the values in place. Leaves that ask for gradients.
  const checkpoint::Weights& weights() const { return weights_; }

  // One update from the gradients that backward() left, which are then gone. A step whose gradients hold NaN or Inf changes nothing but is
  // counted by `skipped()`. Nothing waits for the device, so that a step can be recorded (runtime/repeated.h).
  void step(const Pace& pace, const AdamW& options);

  at::Tensor gradient_norm() const { return norm_; }  // of the last step, before clipping; 0-dim float32
  at::Tensor skipped() const { return skipped_; }     // 0-dim float32

  checkpoint::Weights average() const;  // float32

  // All that a later process needs to go on as if there had been no end: masters, moments, average, counters. `restore` throws UsageError,
  // beginning with `place`, for a state of another network.
  TensorMap state() const;
  void restore(const TensorMap& state, const std::string& place);

 private:
  // Parameters of one dtype that decay or do not: one flat tensor each [n], float32 but for `model` and `received`.
  struct Group {
    bool decayed = false;
    at::Tensor model = {}, received = {}, gradient = {}, master = {}, first = {}, second = {}, average = {};
  };
  // A parameter's place in its group.
  struct Parameter {
    std::string name;
    std::size_t group;
    std::int64_t offset;
    std::vector<std::int64_t> sizes, strides;
    at::Tensor model = {}, received = {};

    at::Tensor in(const at::Tensor& flat) const;
  };
  void receive_gradients();

  checkpoint::Weights weights_;
  std::vector<Group> groups_;
  std::vector<Parameter> parameters_;
  at::Tensor norm_, skipped_, steps_;
};

}  // namespace wan::train
