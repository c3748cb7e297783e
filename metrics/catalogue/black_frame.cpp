// Frames that are black in the candidate and not in the reference: what overflow or NaN before clamping looks like in the end.
// A pixel is dark if its largest channel is at most `level` (a saturated blue is dark by luma, but not black); a frame is black if at
// least `share` of its pixels are dark. FFmpeg's blackdetect has the same two limits, 0.10 of the range and 0.98.
// The reference counts as black from a share of 0.90 on: a night scene at the limit must not fire because of some pixels.
#include <algorithm>

#include "metrics/frame_finding.h"
#include "metrics/metric.h"

namespace wan::metrics {
namespace {

constexpr double kReferenceShare = 0.90;

double dark_share(std::span<const std::uint8_t> frame, int level) {
  std::int64_t dark = 0;
  for (std::size_t i = 0; i + 2 < frame.size(); i += 3) dark += std::max({frame[i], frame[i + 1], frame[i + 2]}) <= level;
  return static_cast<double>(dark * 3) / static_cast<double>(frame.size());
}

class Run final : public MetricRun {
 public:
  Run(const Format& format, const Parameters& parameters)
      : level_(static_cast<int>(get_int(parameters, "level"))),
        share_(get_number(parameters, "share")),
        frames_(static_cast<std::size_t>(format.frames)) {}

  void add(const FramePair& pair, std::int64_t index) override {
    FrameFault& fault = frames_[static_cast<std::size_t>(index)];
    fault.candidate = dark_share(pair.candidate, level_) >= share_;
    fault.reference = dark_share(pair.reference, level_) >= std::min(share_, kReferenceShare);
  }

  QualityScores finish() override { return {.artifacts = {judge_frames("black_frame", "black", frames_)}}; }

 private:
  int level_;
  double share_;
  std::vector<FrameFault> frames_;
};

}  // namespace

extern const Metric black_frame;
const Metric black_frame{
    .info = {.id = "black_frame",
             .summary = "fires on frames that are black while the reference's are not",
             .in_order = false,
             .parameters = {{.name = "level",
                             .help = "largest channel value of a dark pixel",
                             .default_value = std::int64_t{25},
                             .minimum = 0,
                             .maximum = 254},
                            {.name = "share",
                             .help = "share of dark pixels that makes a frame black",
                             .default_value = 0.98,
                             .minimum = 0.5,
                             .maximum = 1.0}},
             .detector = true},
    .begin = [](const Format& format, const Parameters& parameters) -> std::unique_ptr<MetricRun> {
      return std::make_unique<Run>(format, parameters);
    },
};

}  // namespace wan::metrics
