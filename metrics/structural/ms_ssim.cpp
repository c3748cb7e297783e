#include "metrics/structural/ms_ssim.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "metrics/kernels/pyramid.h"
#include "metrics/structural/frame_score.h"

namespace wan::metrics::structural {
namespace {

class Pyramid {
 public:
  Pyramid(const MsSsimPreset& preset, const Format& format)
      : preset_(preset), height_(format.height), width_(format.width), simd_(format.simd), threads_(threads_a_frame(format)) {}

  double score(const FramePair& pair) const {
    std::array<double, 3> product{1, 1, 1};
    raise(mean_term<std::uint8_t>({pair.reference.data(), pair.candidate.data(), height_, width_}, options(0)), 0, product);
    const PyramidKernels& kernels = pyramid_kernels(simd_);
    Halving halving{.height = height_, .width = width_, .pad = preset_.pad_odd};
    std::vector<float> scratch(static_cast<std::size_t>(3 * (width_ + 2)));
    std::vector<float> x(size_of(halved(halving))), y(x.size());
    kernels.halve_bytes(pair.reference.data(), halving, scratch.data(), x.data());
    kernels.halve_bytes(pair.candidate.data(), halving, scratch.data(), y.data());
    for (int scale = 1;; ++scale) {
      halving = halved(halving);
      raise(mean_term<float>({x.data(), y.data(), halving.height, halving.width}, options(scale)), scale, product);
      if (scale == kScales - 1) break;
      for (std::vector<float>* image : {&x, &y}) {
        std::vector<float> smaller(size_of(halved(halving)));
        kernels.halve_floats(image->data(), halving, scratch.data(), smaller.data());
        *image = std::move(smaller);
      }
    }
    return (product[0] + product[1] + product[2]) / 3;
  }

 private:
  static Halving halved(const Halving& from) {
    const std::int64_t add = from.pad ? 1 : 0;
    return {.height = (from.height + add) / 2, .width = (from.width + add) / 2, .pad = from.pad};
  }
  static std::size_t size_of(const Halving& image) { return static_cast<std::size_t>(image.height * image.width * 3); }

  TermOptions options(int scale) const {
    const bool last = scale == kScales - 1;
    return {.window = preset_.window,
            .border = last ? preset_.last_border : Border::none,
            .term = last ? Term::similarity : Term::contrast,
            .simd = simd_,
            .threads = threads_};
  }

  void raise(std::array<double, 3> mean, int scale, std::array<double, 3>& product) const {
    if (preset_.channels_first) mean.fill((mean[0] + mean[1] + mean[2]) / 3);
    for (std::size_t c = 0; c < 3; ++c) product[c] *= std::pow(std::max(0.0, mean[c]), preset_.weights[static_cast<std::size_t>(scale)]);
  }

  MsSsimPreset preset_;
  std::int64_t height_, width_;
  Simd simd_;
  int threads_;
};

}  // namespace

std::unique_ptr<MetricRun> begin_ms_ssim(const MsSsimPreset& preset, const Format& format) {
  require_side(preset.id, format, preset.smallest_side, "at its last scale the window would not fit");
  return score_frames(preset.id, format, [pyramid = Pyramid(preset, format)](const FramePair& pair) { return pyramid.score(pair); });
}

}  // namespace wan::metrics::structural
