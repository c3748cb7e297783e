#include "engine/vae/resample.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/upsample_nearest2d.h>

#include "engine/base/error.h"
#include "engine/runtime/tensor.h"
#include "engine/seams.h"
#include "engine/vae/frames.h"
#include "engine/vae/temporal_cache.h"

namespace wan::vae {

Upsample::Upsample(Loader& loader, const ResampleLayout& layout)
    : spatial_(loader.frame_convolution(layout.name.ours + ".resample.1", {1, 1})) {
  if (layout.temporal) temporal_.emplace(loader, layout.name.ours + ".time_conv");
}

at::Tensor Upsample::double_frames(at::Tensor x, Pass& pass) const {
  if (!pass.cache.first_chunk()) return interleave_frames((*temporal_)(std::move(x), pass));
  if (x.size(2) == 1) {
    pass.cache.skip();
    return x;
  }
  // The first frame is neither doubled nor part of the history that the second one sees.
  const auto parts = x.split_with_sizes({1, x.size(2) - 1}, 2);
  return at::cat({parts[0], interleave_frames((*temporal_)(parts[1], pass))}, 2);
}

at::Tensor Upsample::operator()(at::Tensor x, Pass& pass) const {
  const auto batch = x.size(0);
  if (temporal_) x = double_frames(std::move(x), pass);
  if (spatial_.padding.size() == 3) {
    x = enlarge_frames(x);
    return pass.seams.convolve(spatial_, x);
  }
  x = fold_frames(x);                                             // [B T, C, H, W]
  x = at::upsample_nearest2d(x, {2 * x.size(2), 2 * x.size(3)});  // the largest tensor of its stage: nothing else is kept beside it
  return unfold_frames(pass.seams.convolve(spatial_, x), batch);
}

Downsample::Downsample(Loader& loader, const ResampleLayout& layout)
    : spatial_(loader.convolution(layout.name.ours + ".resample.1", {2, 2})) {
  if (layout.temporal) temporal_ = loader.convolution(layout.name.ours + ".time_conv", {2, 1, 1});
}

at::Tensor Downsample::halve_frames(const at::Tensor& x, Pass& pass) const {
  if (!pass.cache.first_chunk()) {
    WAN_CHECK(x.size(2) % 2 == 0, "a later chunk must halve evenly in time, it has {} frames", x.size(2));
    return pass.seams.convolve(*temporal_, pass.cache.extend(x, 1));
  }
  WAN_CHECK(x.size(2) % 2 == 1, "the first chunk must have an odd number of frames where time is halved, it has {}", x.size(2));
  pass.cache.skip();
  pass.cache.remember(x, 1);
  if (x.size(2) == 1) return x;
  return at::cat({take_frames(x, 0, 1), pass.seams.convolve(*temporal_, x)}, 2);
}

at::Tensor Downsample::operator()(const at::Tensor& x, Pass& pass) const {
  const at::Tensor padded = at::constant_pad_nd(fold_frames(x), {0, 1, 0, 1});  // a column right, a row below
  const at::Tensor smaller = unfold_frames(pass.seams.convolve(spatial_, padded), x.size(0));
  return temporal_ ? halve_frames(smaller, pass) : smaller;
}

}  // namespace wan::vae
