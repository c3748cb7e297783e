#include "engine/train/network.h"

#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_copy.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/_foreach_sub.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/GradMode.h>
#include <fmt/format.h>

#include "engine/base/error.h"
#include "engine/runtime/tensor.h"

namespace wan::train {
namespace {

std::vector<at::Tensor> select(const std::vector<at::Tensor>& tensors, const std::vector<bool>& mask, bool value) {
  std::vector<at::Tensor> chosen;
  for (std::size_t i = 0; i < tensors.size(); ++i)
    if (mask[i] == value) chosen.push_back(tensors[i]);
  return chosen;
}

}  // namespace

Network::Network(const checkpoint::Weights& initial, const checkpoint::LoadPolicy& policy) {
  const c10::AutoGradMode off(false);
  const auto options = at::TensorOptions(at::kFloat).device(policy.device);
  for (const auto& [name, value] : initial.tensors) {
    const bool wide = policy.keep_float32 && policy.keep_float32(name);
    const at::Tensor master = at::empty_like(value, options).copy_(value);
    at::Tensor model = master.to(wide ? at::kFloat : policy.dtype, /*non_blocking=*/false, /*copy=*/true);
    model.set_requires_grad(true);
    names_.push_back(name);
    model_.push_back(model);
    masters_.push_back(master);
    gradients_.push_back(at::zeros_like(master));
    first_.push_back(at::zeros_like(master));
    second_.push_back(at::zeros_like(master));
    average_.push_back(master.clone());
    steps_.push_back(at::zeros({}, options));
    decayed_.push_back(value.dim() > 1 && name.find("norm") == std::string::npos && name.find("modulation") == std::string::npos);
    weights_.tensors[name] = model;
  }
  norm_ = at::zeros({}, options);
  skipped_ = at::zeros({}, options);
}

Pace::Pace(at::Device device)
    : learning_rate(at::zeros({}, at::TensorOptions(at::kFloat).device(device))), average_weight(at::zeros_like(learning_rate)) {}

void Pace::set(double rate, double decay) {
  learning_rate.fill_(rate);
  average_weight.fill_(1 - decay);
}

void Network::step(const Pace& pace, const AdamW& options) {
  const c10::AutoGradMode off(false);
  std::vector<at::Tensor> found(model_.size());
  for (std::size_t i = 0; i < model_.size(); ++i) {
    at::Tensor& gradient = model_[i].mutable_grad();
    found[i] = gradient.defined() ? std::move(gradient) : at::zeros_like(model_[i]);
    gradient.reset();
  }
  at::_foreach_copy_(gradients_, found);
  norm_ = at::stack(at::_foreach_norm(gradients_)).norm();
  const at::Tensor found_inf = at::isfinite(norm_).logical_not().to(at::kFloat);
  const at::Tensor scale = (norm_ / options.clip).clamp_min(1.0);  // the fused kernel divides by it
  skipped_.add_(found_inf);
  for (const bool decayed : {false, true}) {
    auto masters = select(masters_, decayed_, decayed), gradients = select(gradients_, decayed_, decayed),
         first = select(first_, decayed_, decayed), second = select(second_, decayed_, decayed), steps = select(steps_, decayed_, decayed);
    if (masters.empty()) continue;
    at::_foreach_add_(steps, 1);
    at::_fused_adamw_(masters, gradients, first, second, /*max_exp_avg_sqs=*/{}, steps, pace.learning_rate, options.beta1, options.beta2,
                      decayed ? options.weight_decay : 0.0, options.eps, /*amsgrad=*/false, /*maximize=*/false, scale, found_inf);
  }
  auto ahead = at::_foreach_sub(masters_, average_);
  at::_foreach_mul_(ahead, pace.average_weight);
  at::_foreach_add_(average_, ahead);
  at::_foreach_copy_(model_, masters_);
}

checkpoint::Weights Network::average() const {
  checkpoint::Weights weights;
  for (std::size_t i = 0; i < names_.size(); ++i) weights.tensors[names_[i]] = average_[i];
  return weights;
}

TensorMap Network::state() const {
  TensorMap state;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    state[names_[i] + ";master"] = masters_[i];
    state[names_[i] + ";first"] = first_[i];
    state[names_[i] + ";second"] = second_[i];
    state[names_[i] + ";average"] = average_[i];
    state[names_[i] + ";steps"] = steps_[i];
  }
  state["skipped"] = skipped_;
  return state;
}

void Network::restore(const TensorMap& state, const std::string& place) {
  const c10::AutoGradMode off(false);
  const auto read = [&](const std::string& name, at::Tensor& into) {
    const auto found = state.find(name);
    if (found == state.end() || found->second.sizes() != into.sizes())
      throw UsageError(fmt::format("{}: '{}' is missing or has another shape: it is the state of another network", place, name));
    into.copy_(found->second);
  };
  for (std::size_t i = 0; i < names_.size(); ++i) {
    read(names_[i] + ";master", masters_[i]);
    read(names_[i] + ";first", first_[i]);
    read(names_[i] + ";second", second_[i]);
    read(names_[i] + ";average", average_[i]);
    read(names_[i] + ";steps", steps_[i]);
  }
  read("skipped", skipped_);
  at::_foreach_copy_(model_, masters_);
}

}  // namespace wan::train
