#include "metrics/structural/ssim.h"

#include "metrics/structural/frame_score.h"

namespace wan::metrics::structural {

std::unique_ptr<MetricRun> begin_ssim(const SsimPreset& preset, const Format& format) {
  const int radius = preset.window.radius;
  if (preset.border == Border::none) require_side(preset.id, format, 2 * radius + 1, "its window does not fit");
  if (preset.border == Border::reflect)
    require_side(preset.id, format, radius + 1, "its window reaches further than the border's reflection");
  const TermOptions options{
      .window = preset.window, .border = preset.border, .c2 = preset.c2, .simd = format.simd, .threads = threads_a_frame(format)};
  return score_frames(preset.id, format, [options, height = format.height, width = format.width](const FramePair& pair) {
    const auto mean = mean_term<std::uint8_t>({pair.reference.data(), pair.candidate.data(), height, width}, options);
    return (mean[0] + mean[1] + mean[2]) / 3;
  });
}

}  // namespace wan::metrics::structural
