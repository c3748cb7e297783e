// The multistep solvers behind make_flow_solver, and the grid they share.
#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include "engine/sampling/flow_solver.h"

namespace wan::sampling {

// What every solver knows of point i of the grid. Scalars are float64 over the float32 sigmas: the references' float32 scalars differ by
// 1e-7.
class Grid {
 public:
  explicit Grid(const Schedule& schedule) : sigmas_(schedule.sigmas) {}
  std::int64_t steps() const { return static_cast<std::int64_t>(sigmas_.size()) - 1; }
  double sigma(std::int64_t i) const { return sigmas_.at(static_cast<std::size_t>(i)); }
  double alpha(std::int64_t i) const { return 1.0 - sigma(i); }
  double lambda(std::int64_t i) const { return std::log(alpha(i)) - std::log(sigma(i)); }

 private:
  std::vector<float> sigmas_;
};

// The data predictions of the last steps, the newest first.
class History {
 public:
  void push(at::Tensor x0) { x0_ = {std::move(x0), std::move(x0_[0]), std::move(x0_[1])}; }
  const at::Tensor& operator[](std::size_t back) const { return x0_[back]; }

 private:
  std::array<at::Tensor, 3> x0_ = {};
};

// DPM-Solver++ multistep of order 1 to 3 (wan.md 6.5; Lu et al. 2022).
class DpmPlusPlus final : public FlowSolver {
 public:
  DpmPlusPlus(const Schedule& schedule, const SolverOptions& options) : grid_(schedule), options_(options) {}
  std::unique_ptr<FlowSolver> clone() const override { return std::make_unique<DpmPlusPlus>(*this); }
  at::Tensor step(const at::Tensor& velocity, const at::Tensor& latents) override;

 private:
  std::int64_t order() const;

  Grid grid_;
  SolverOptions options_;
  std::int64_t i_ = 0;
  History history_ = {};
};

// UniPC of order 1 to 3, predicting x0 (wan.md 6.4; Zhao et al. 2023): a corrector with the new evaluation, then a predictor.
class UniPc final : public FlowSolver {
 public:
  UniPc(const Schedule& schedule, const SolverOptions& options) : grid_(schedule), options_(options) {}
  std::unique_ptr<FlowSolver> clone() const override { return std::make_unique<UniPc>(*this); }
  at::Tensor step(const at::Tensor& velocity, const at::Tensor& latents) override;

 private:
  struct Update;
  Update update(std::int64_t to, std::int64_t order, std::int64_t unknowns) const;
  at::Tensor correct(const at::Tensor& x0) const;
  at::Tensor predict(const at::Tensor& corrected) const;

  Grid grid_;
  SolverOptions options_;
  std::int64_t i_ = 0, order_ = 1;
  at::Tensor corrected_ = {};
  History history_ = {};
};

}  // namespace wan::sampling
