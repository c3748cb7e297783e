#include "engine/train/network.h"

#include <ATen/ops/_foreach_copy.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/GradMode.h>
#include <fmt/format.h>

#include <algorithm>

#include "engine/base/error.h"
#include "engine/runtime/tensor.h"

namespace wan::train {
namespace {

constexpr std::int64_t kAlignment = 8;  // elements: 16 bytes of bfloat16, what kernels load at once

bool decays(const std::string& name, const at::Tensor& value) {
  return value.dim() > 1 && name.find("norm") == std::string::npos && name.find("modulation") == std::string::npos;
}

}  // namespace

at::Tensor Network::Parameter::in(const at::Tensor& flat) const { return flat.as_strided(sizes, strides, flat.storage_offset() + offset); }

Network::Network(const checkpoint::Weights& initial, const checkpoint::LoadPolicy& policy, Order order) {
  const c10::AutoGradMode off(false);
  const auto options = at::TensorOptions(at::kFloat).device(policy.device);
  std::vector<at::ScalarType> dtypes;
  std::vector<std::int64_t> lengths;
  for (const auto& [name, value] : initial.tensors) {
    const at::ScalarType dtype = policy.keep_float32 && policy.keep_float32(name) ? at::kFloat : policy.dtype;
    const bool decayed = decays(name, value);
    std::size_t group = 0;
    while (group < groups_.size() && (dtypes[group] != dtype || groups_[group].decayed != decayed)) ++group;
    if (group == groups_.size()) {
      groups_.push_back({.decayed = decayed});
      dtypes.push_back(dtype);
      lengths.push_back(0);
    }
    const bool last = order == Order::channels_last && value.dim() >= 4;
    const auto format = !last              ? at::MemoryFormat::Contiguous
                        : value.dim() == 5 ? at::MemoryFormat::ChannelsLast3d
                                           : at::MemoryFormat::ChannelsLast;
    parameters_.push_back({.name = name,
                           .group = group,
                           .offset = lengths[group],
                           .sizes = value.sizes().vec(),
                           .strides = value.contiguous(format).strides().vec()});
    lengths[group] += (value.numel() + kAlignment - 1) / kAlignment * kAlignment;
  }
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    Group& group = groups_[i];
    group.master = at::zeros({lengths[i]}, options);
    for (at::Tensor* tensor : {&group.gradient, &group.first, &group.second, &group.average}) *tensor = at::zeros_like(group.master);
    group.model = at::zeros({lengths[i]}, options.dtype(dtypes[i]));
    group.received = dtypes[i] == at::kFloat ? group.gradient : at::zeros_like(group.model);
  }
  for (Parameter& parameter : parameters_) {
    Group& group = groups_[parameter.group];
    parameter.in(group.master).copy_(initial.at(parameter.name));
    parameter.received = parameter.in(group.received);
    parameter.model = parameter.in(group.model).detach();
    parameter.model.set_requires_grad(true);
    weights_.tensors[parameter.name] = parameter.model;
  }
  for (Group& group : groups_) {
    group.average.copy_(group.master);
    group.model.copy_(group.master);
  }
  norm_ = at::zeros({}, options);
  skipped_ = at::zeros({}, options);
  steps_ = at::zeros({}, options);
}

Pace::Pace(at::Device device)
    : learning_rate(at::zeros({}, at::TensorOptions(at::kFloat).device(device))), average_weight(at::zeros_like(learning_rate)) {}

void Pace::set(double rate, double decay) {
  learning_rate.fill_(rate);
  average_weight.fill_(1 - decay);
}

void Network::receive_gradients() {
  std::vector<std::vector<at::Tensor>> places(groups_.size()), found(groups_.size());  // those that one kernel can copy together
  for (Parameter& parameter : parameters_) {
    at::Tensor& gradient = parameter.model.mutable_grad();
    if (!gradient.defined()) {
      parameter.received.zero_();
    } else if (gradient.strides() == parameter.received.strides()) {
      places[parameter.group].push_back(parameter.received);
      found[parameter.group].push_back(gradient);
    } else {
      parameter.received.copy_(gradient);
    }
    gradient.reset();
  }
  for (std::size_t i = 0; i < groups_.size(); ++i)
    if (!places[i].empty()) at::_foreach_copy_(places[i], found[i]);
  for (Group& group : groups_)
    if (!group.received.is_same(group.gradient)) group.gradient.copy_(group.received);
}

void Network::step(const Pace& pace, const AdamW& options) {
  const c10::AutoGradMode off(false);
  receive_gradients();
  std::vector<at::Tensor> norms;
  for (const Group& group : groups_) norms.push_back(group.gradient.norm());
  norm_ = at::stack(norms).norm();
  const at::Tensor found_inf = at::isfinite(norm_).logical_not().to(at::kFloat);
  const at::Tensor scale = (norm_ / options.clip).clamp_min(1.0);  // the fused kernel divides by it
  skipped_.add_(found_inf);
  steps_.add_(1);
  for (Group& group : groups_) {
    at::_fused_adamw_({group.master}, {group.gradient}, {group.first}, {group.second}, /*max_exp_avg_sqs=*/{}, {steps_}, pace.learning_rate,
                      options.beta1, options.beta2, group.decayed ? options.weight_decay : 0.0, options.eps, /*amsgrad=*/false,
                      /*maximize=*/false, scale, found_inf);
    group.average.lerp_(group.master, pace.average_weight);
    group.model.copy_(group.master);
  }
}

checkpoint::Weights Network::average() const {
  checkpoint::Weights weights;
  for (const Parameter& parameter : parameters_)
    weights.tensors[parameter.name] = parameter.in(groups_[parameter.group].average).contiguous();
  return weights;
}

TensorMap Network::state() const {
  TensorMap state;
  for (const Parameter& parameter : parameters_) {
    const Group& group = groups_[parameter.group];
    state[parameter.name + ";master"] = parameter.in(group.master);
    state[parameter.name + ";first"] = parameter.in(group.first);
    state[parameter.name + ";second"] = parameter.in(group.second);
    state[parameter.name + ";average"] = parameter.in(group.average);
  }
  state["steps"] = steps_;
  state["skipped"] = skipped_;
  return state;
}

void Network::restore(const TensorMap& state, const std::string& place) {
  const c10::AutoGradMode off(false);
  const auto read = [&](const std::string& name, at::Tensor into) {
    const auto found = state.find(name);
    if (found == state.end() || found->second.sizes() != into.sizes())
      throw UsageError(fmt::format("{}: '{}' is missing or has another shape: it is the state of another network", place, name));
    into.copy_(found->second);
  };
  for (const Parameter& parameter : parameters_) {
    const Group& group = groups_[parameter.group];
    read(parameter.name + ";master", parameter.in(group.master));
    read(parameter.name + ";first", parameter.in(group.first));
    read(parameter.name + ";second", parameter.in(group.second));
    read(parameter.name + ";average", parameter.in(group.average));
  }
  read("steps", steps_);
  read("skipped", skipped_);
  for (Group& group : groups_) group.model.copy_(group.master);
}

}  // namespace wan::train
