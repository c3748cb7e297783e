#include "engine/sampling/guidance.h"

#include "engine/runtime/tensor.h"

namespace wan::sampling {

void guide_and_step(GuideAndStep& in) {
  in.velocity = in.unconditional.defined() ? in.unconditional + (in.conditional - in.unconditional) * in.guidance : in.conditional;
  in.latents = in.solver.step(in.velocity, in.latents);
}

bool guidance_is_on(Reference reference, double guidance_high) { return reference != Reference::diffusers || guidance_high > 1.0; }

}  // namespace wan::sampling
