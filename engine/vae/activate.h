// What stands in front of nearly every convolution of the VAE: RMS norm over the channels, SiLU, and the frames before in front of the
// result.
#pragma once

namespace at {
class Tensor;
}

namespace wan {
struct ExtendActivated;
}

namespace wan::vae {

// x / max(|x|, 1e-12) * sqrt(C) * gamma, the norm taken over the channels (dimension 1). Half types are widened to float32 for the
// division.
at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& gamma);

// The frames before ++ SiLU(rms_norm(x)) in time. On the CPU in float32, channels-last and without gradients, one pass over memory writes
// the result where the convolution reads it; the same formula, summed in another order.
at::Tensor extend_activated(const ExtendActivated& in);

}  // namespace wan::vae
