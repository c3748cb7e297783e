#include <algorithm>
#include <utility>

#include "engine/runtime/tensor.h"
#include "engine/sampling/solvers.h"

namespace wan::sampling {
namespace {

// Gauss-Jordan with pivoting; the systems have two or three rows.
std::vector<double> solve(std::vector<std::vector<double>> a, std::vector<double> b) {
  const std::size_t n = b.size();
  for (std::size_t column = 0; column < n; ++column) {
    std::size_t pivot = column;
    for (std::size_t row = column + 1; row < n; ++row)
      if (std::abs(a[row][column]) > std::abs(a[pivot][column])) pivot = row;
    std::swap(a[column], a[pivot]);
    std::swap(b[column], b[pivot]);
    for (std::size_t row = 0; row < n; ++row) {
      if (row == column) continue;
      const double factor = a[row][column] / a[column][column];
      for (std::size_t k = column; k < n; ++k) a[row][k] -= factor * a[column][k];
      b[row] -= factor * b[column];
    }
  }
  for (std::size_t row = 0; row < n; ++row) b[row] /= a[row][row];
  return b;
}

}  // namespace

// From point to - 1 to point `to`: x * ratio - m0 * scale - sum over k of weights[k] * (m_k - m0), and weights.back() for the newest
// evaluation where there is one.
struct UniPc::Update {
  double ratio = 0, scale = 0;
  std::vector<double> weights = {};
};

UniPc::Update UniPc::update(std::int64_t to, std::int64_t order, std::int64_t unknowns) const {
  const std::int64_t from = to - 1;
  const double hh = grid_.lambda(from) - grid_.lambda(to), e = std::expm1(hh), b_h = options_.bh1 ? hh : e, alpha = grid_.alpha(to);
  Update result{.ratio = grid_.sigma(to) / grid_.sigma(from), .scale = alpha * e};
  std::vector<double> r;
  for (std::int64_t k = 1; k < order; ++k) r.push_back((grid_.lambda(from - k) - grid_.lambda(from)) / -hh);
  if (unknowns == order) r.push_back(1.0);  // the corrector knows the value at the step's end
  if (unknowns == 0) return result;
  std::vector<double> rho = {0.5};  // one unknown: Zhao et al. take the value that holds without solving
  if (unknowns > 1) {
    std::vector<std::vector<double>> powers;
    std::vector<double> right;
    double phi = e / hh - 1.0, factorial = 1.0;
    for (std::int64_t row = 1; row <= unknowns; ++row) {
      powers.emplace_back();
      for (const double x : r) powers.back().push_back(std::pow(x, static_cast<double>(row - 1)));
      right.push_back(phi * factorial / b_h);
      factorial *= static_cast<double>(row + 1);
      phi = phi / hh - 1.0 / factorial;
    }
    rho = solve(std::move(powers), std::move(right));
  }
  for (std::size_t k = 0; k < rho.size(); ++k) result.weights.push_back(alpha * b_h * rho[k] / r[k]);
  return result;
}

at::Tensor UniPc::correct(const at::Tensor& x0) const {
  const Update u = update(i_, order_, order_);
  at::Tensor x = corrected_ * u.ratio - history_[0] * u.scale;
  for (std::size_t k = 0; k + 1 < u.weights.size(); ++k) x = x - (history_[k + 1] - history_[0]) * u.weights[k];
  return x - (x0 - history_[0]) * u.weights.back();
}

at::Tensor UniPc::predict(const at::Tensor& corrected) const {
  const Update u = update(i_ + 1, order_, order_ - 1);
  at::Tensor x = corrected * u.ratio - history_[0] * u.scale;
  for (std::size_t k = 0; k < u.weights.size(); ++k) x = x - (history_[k + 1] - history_[0]) * u.weights[k];
  return x;
}

at::Tensor UniPc::step(const at::Tensor& velocity, const at::Tensor& latents) {
  at::Tensor x0 = latents - velocity * grid_.sigma(i_);
  const bool corrects = i_ > 0 && std::ranges::find(options_.uncorrected_steps, i_ - 1) == options_.uncorrected_steps.end();
  corrected_ = corrects ? correct(x0) : latents;
  history_.push(std::move(x0));
  const std::int64_t order = options_.lower_order_final ? std::min(options_.order, grid_.steps() - i_) : options_.order;
  order_ = std::min(order, i_ + 1);
  at::Tensor next = predict(corrected_);
  ++i_;
  return next;
}

}  // namespace wan::sampling
