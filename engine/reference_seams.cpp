#include "engine/reference_seams.h"

#include "engine/ops/attention.h"
#include "engine/ops/linear.h"
#include "engine/ops/qk_norm_rope.h"
#include "engine/ops/residual_norm_modulate.h"
#include "engine/sampling/guidance.h"
#include "engine/vae/activate.h"

namespace wan {

Seams reference_seams() {
  Seams seams;
  seams.pack_linear = [](Linear&) {};
  seams.pack_convolution = [](Convolution&) {};
  seams.residual_norm_modulate = ops::residual_norm_modulate;
  ops::set_linears(seams, ops::project);
  seams.packed_bytes = [](const LayerId&, std::int64_t, std::int64_t) { return std::optional<PackedBytes>(); };
  seams.embed = ops::embed;
  seams.convolve = ops::convolve;
  seams.extend_activated = vae::extend_activated;
  seams.qk_norm_rope = ops::qk_norm_rope;
  seams.attention = ops::attention;
  seams.guide_and_step = sampling::guide_and_step;
  seams.execute = [](const std::function<void()>& body) { body(); };
  return seams;
}

}  // namespace wan
