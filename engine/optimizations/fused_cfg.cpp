// Classifier-free guidance in one pass over the two velocities instead of three (roadmap 5.1, custom CFG fusion), each element with the
// same three float32 operations, so the result is bit-equal.
#include <ATen/Parallel.h>
#include <ATen/ops/empty_like.h>

#include "engine/optimization.h"
#include "engine/runtime/tensor.h"
#include "engine/sampling/guidance.h"

namespace wan::optimizations {
namespace {

at::Tensor combine(const at::Tensor& conditional, const at::Tensor& unconditional, float guidance) {
  const at::Tensor c = conditional.contiguous(), u = unconditional.contiguous();
  at::Tensor out = at::empty_like(c);
  const float *cp = c.const_data_ptr<float>(), *up = u.const_data_ptr<float>();
  float* op = out.mutable_data_ptr<float>();
  at::parallel_for(0, c.numel(), 1 << 14, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const float scaled = (cp[i] - up[i]) * guidance;
      op[i] = up[i] + scaled;
    }
  });
  return out;
}

}  // namespace

extern const Optimization fused_cfg;
const Optimization fused_cfg = {
    .info = {.id = "fused_cfg",
             .summary = "guidance combined in one pass over both velocities",
             .kind = OptimizationClass::exact,
             .seams = {"guide_and_step"}},
    .unsupported = [](const ApplyContext& context, const Parameters&) -> std::string {
      return context.device == "cpu" ? ""
                                     : "the fused guidance kernel of the device is not in this version; three elementwise passes are used";
    },
    .apply =
        [](const Parameters&, Seams& seams, ApplyContext&) {
          seams.guide_and_step = [before = seams.guide_and_step](GuideAndStep& in) {
            const bool grad = in.conditional.requires_grad() || (in.unconditional.defined() && in.unconditional.requires_grad());
            if (!in.unconditional.defined() || grad) return before(in);
            in.velocity = combine(in.conditional, in.unconditional, static_cast<float>(in.guidance));
            in.latents = in.solver.step(in.velocity, in.latents);
          };
        },
};

}  // namespace wan::optimizations
