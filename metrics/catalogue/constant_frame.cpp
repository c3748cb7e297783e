// Frames of one colour, whichever it is, where the reference has a picture: the standard deviation of every channel is at most
// `deviation`. The reference counts as constant up to twice that, so a flat scene at the limit does not fire because of some noise.
// Sums are integers, so the variance is exact before its one division.
#include <array>

#include "metrics/frame_finding.h"
#include "metrics/metric.h"

namespace wan::metrics {
namespace {

// The largest of the three channels' variances.
double variance(std::span<const std::uint8_t> frame) {
  std::array<std::uint64_t, 3> sum{}, squares{};
  for (std::size_t i = 0; i + 2 < frame.size(); i += 3)
    for (std::size_t c = 0; c < 3; ++c) {
      const std::uint64_t value = frame[i + c];
      sum[c] += value;
      squares[c] += value * value;
    }
  const double n = static_cast<double>(frame.size() / 3);
  double largest = 0;
  for (std::size_t c = 0; c < 3; ++c) {
    const double mean = static_cast<double>(sum[c]) / n;
    largest = std::max(largest, static_cast<double>(squares[c]) / n - mean * mean);
  }
  return largest;
}

class Run final : public MetricRun {
 public:
  Run(const Format& format, const Parameters& parameters)
      : limit_(get_number(parameters, "deviation") * get_number(parameters, "deviation")),
        frames_(static_cast<std::size_t>(format.frames)) {}

  void add(const FramePair& pair, std::int64_t index) override {
    FrameFault& fault = frames_[static_cast<std::size_t>(index)];
    fault.candidate = variance(pair.candidate) <= limit_;
    fault.reference = variance(pair.reference) <= 4 * limit_;
  }

  QualityScores finish() override { return {.artifacts = {judge_frames("constant_frame", "of one colour", frames_)}}; }

 private:
  double limit_;  // variance
  std::vector<FrameFault> frames_;
};

}  // namespace

extern const Metric constant_frame;
const Metric constant_frame{
    .info = {.id = "constant_frame",
             .summary = "fires on frames of one colour where the reference has a picture",
             .in_order = false,
             .parameters = {{.name = "deviation",
                             .help = "largest standard deviation of a channel, in levels of 255",
                             .default_value = 1.0,
                             .minimum = 0.0,
                             .maximum = 64.0}},
             .detector = true},
    .begin = [](const Format& format, const Parameters& parameters) -> std::unique_ptr<MetricRun> {
      return std::make_unique<Run>(format, parameters);
    },
};

}  // namespace wan::metrics
