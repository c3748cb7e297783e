#include "engine/sampling/flow_solver.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "engine/base/error.h"
#include "engine/runtime/tensor.h"

namespace wan::sampling {
namespace {

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

// x + (sigma_next - sigma) v (wan.md 6.6).
class Euler final : public FlowSolver {
 public:
  explicit Euler(const Schedule& schedule) : grid_(schedule) {}
  std::unique_ptr<FlowSolver> clone() const override { return std::make_unique<Euler>(*this); }
  at::Tensor step(const at::Tensor& velocity, const at::Tensor& latents) override {
    const double dt = grid_.sigma(i_ + 1) - grid_.sigma(i_);
    ++i_;
    return latents + velocity * dt;
  }

 private:
  Grid grid_;
  std::int64_t i_ = 0;
};

// DPM-Solver++ 2M, midpoint (wan.md 6.5; Lu et al. 2022, algorithm 2). First and last step are of order 1.
class DpmPlusPlus final : public FlowSolver {
 public:
  explicit DpmPlusPlus(const Schedule& schedule) : grid_(schedule) {}
  std::unique_ptr<FlowSolver> clone() const override { return std::make_unique<DpmPlusPlus>(*this); }
  at::Tensor step(const at::Tensor& velocity, const at::Tensor& latents) override {
    const at::Tensor x0 = latents - velocity * grid_.sigma(i_);
    const double h = grid_.lambda(i_ + 1) - grid_.lambda(i_);
    const double a = grid_.alpha(i_ + 1) * (std::exp(-h) - 1.0);
    at::Tensor next = latents * (grid_.sigma(i_ + 1) / grid_.sigma(i_)) - x0 * a;
    if (i_ > 0 && i_ < grid_.steps() - 1) {
      const double r = (grid_.lambda(i_) - grid_.lambda(i_ - 1)) / h;
      next = next - (x0 - previous_x0_) * (0.5 * a / r);
    }
    previous_x0_ = x0;
    ++i_;
    return next;
  }

 private:
  Grid grid_;
  std::int64_t i_ = 0;
  at::Tensor previous_x0_ = {};
};

// UniPC of order 2, bh2, predicting x0 (wan.md 6.4; Zhao et al. 2023): a corrector with the new evaluation, then a predictor.
class UniPc final : public FlowSolver {
 public:
  explicit UniPc(const Schedule& schedule) : grid_(schedule) {}
  std::unique_ptr<FlowSolver> clone() const override { return std::make_unique<UniPc>(*this); }

  at::Tensor step(const at::Tensor& velocity, const at::Tensor& latents) override {
    const at::Tensor x0 = latents - velocity * grid_.sigma(i_);
    const at::Tensor corrected = i_ == 0 ? latents : correct(x0);
    at::Tensor next = predict(x0, corrected);
    corrected_ = corrected;
    history_ = {x0, history_[0]};
    ++i_;
    return next;
  }

 private:
  at::Tensor correct(const at::Tensor& x0) const {
    const double h = grid_.lambda(i_) - grid_.lambda(i_ - 1), e = std::expm1(-h), scale = grid_.alpha(i_) * e;
    const at::Tensor base = corrected_ * (grid_.sigma(i_) / grid_.sigma(i_ - 1)) - history_[0] * scale;
    const at::Tensor newest = x0 - history_[0];
    if (order_ == 1) return base - newest * (0.5 * scale);
    const double r = (grid_.lambda(i_ - 2) - grid_.lambda(i_ - 1)) / h;
    const double phi2 = e / -h - 1.0, phi3 = phi2 / -h - 0.5;
    const double b1 = phi2 / e, b2 = 2.0 * phi3 / e;
    // [[1, 1], [r, 1]] [rho1, rho2] = [b1, b2]
    const double rho1 = (b2 - b1) / (r - 1.0), rho2 = b1 - rho1;
    return base - (history_[1] - history_[0]) * (scale * rho1 / r) - newest * (scale * rho2);
  }

  at::Tensor predict(const at::Tensor& x0, const at::Tensor& corrected) {
    order_ = std::min<std::int64_t>({2, grid_.steps() - i_, i_ + 1});
    const double h = grid_.lambda(i_ + 1) - grid_.lambda(i_), scale = grid_.alpha(i_ + 1) * std::expm1(-h);
    at::Tensor next = corrected * (grid_.sigma(i_ + 1) / grid_.sigma(i_)) - x0 * scale;
    if (order_ == 2) {
      const double r = (grid_.lambda(i_ - 1) - grid_.lambda(i_)) / h;
      next = next - (history_[0] - x0) * (0.5 * scale / r);
    }
    return next;
  }

  Grid grid_;
  std::int64_t i_ = 0, order_ = 1;
  at::Tensor corrected_ = {};
  std::array<at::Tensor, 2> history_ = {};  // x0 of the last two steps, the newest first
};

}  // namespace

std::unique_ptr<FlowSolver> make_flow_solver(Solver solver, const Schedule& schedule) {
  switch (solver) {
    case Solver::unipc:
      return std::make_unique<UniPc>(schedule);
    case Solver::dpmpp:
      return std::make_unique<DpmPlusPlus>(schedule);
    case Solver::euler:
      return std::make_unique<Euler>(schedule);
  }
  WAN_CHECK(false, "unknown solver {}", static_cast<int>(solver));
}

}  // namespace wan::sampling
