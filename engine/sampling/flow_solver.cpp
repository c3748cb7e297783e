#include "engine/sampling/flow_solver.h"

#include "engine/base/error.h"
#include "engine/runtime/tensor.h"
#include "engine/sampling/solvers.h"

namespace wan::sampling {
namespace {

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

}  // namespace

std::unique_ptr<FlowSolver> make_flow_solver(Solver solver, const Schedule& schedule, const SolverOptions& options) {
  switch (solver) {
    case Solver::unipc:
      return std::make_unique<UniPc>(schedule, options);
    case Solver::dpmpp:
      return std::make_unique<DpmPlusPlus>(schedule, options);
    case Solver::euler:
      return std::make_unique<Euler>(schedule);
  }
  WAN_CHECK(false, "unknown solver {}", static_cast<int>(solver));
}

}  // namespace wan::sampling
