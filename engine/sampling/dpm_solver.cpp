#include <algorithm>

#include "engine/runtime/tensor.h"
#include "engine/sampling/solvers.h"

namespace wan::sampling {

std::int64_t DpmPlusPlus::order() const {
  const std::int64_t left = grid_.steps() - i_;
  const bool few = options_.lower_order_final && grid_.steps() < 15;
  std::int64_t order = std::min(options_.order, i_ + 1);
  if (left == 1 && (options_.euler_at_final || few || options_.ends_at_zero)) order = 1;
  if (left == 2 && few) order = std::min<std::int64_t>(order, 2);
  return order;
}

at::Tensor DpmPlusPlus::step(const at::Tensor& velocity, const at::Tensor& latents) {
  history_.push(latents - velocity * grid_.sigma(i_));
  const auto h = [&](std::int64_t i) { return grid_.lambda(i + 1) - grid_.lambda(i); };
  const double step = h(i_), e = std::exp(-step) - 1.0, alpha = grid_.alpha(i_ + 1);
  at::Tensor next = latents * (grid_.sigma(i_ + 1) / grid_.sigma(i_)) - history_[0] * (alpha * e);
  // Weights of the first and second divided difference (Lu et al. 2022, appendix B).
  const double first = alpha * (e / step + 1.0), second = alpha * ((e + step) / (step * step) - 0.5);
  const auto order = this->order();
  if (order == 2) {
    const double r = h(i_ - 1) / step;
    next = next + (history_[0] - history_[1]) * ((options_.heun ? first : -0.5 * alpha * e) / r);
  } else if (order == 3) {
    const double r0 = h(i_ - 1) / step, r1 = h(i_ - 2) / step;
    const at::Tensor newer = (history_[0] - history_[1]) * (1.0 / r0), older = (history_[1] - history_[2]) * (1.0 / r1);
    const at::Tensor change = newer - older;
    next = next + newer * first + change * (first * r0 / (r0 + r1) - second / (r0 + r1));
  }
  ++i_;
  return next;
}

}  // namespace wan::sampling
