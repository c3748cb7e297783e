// A span of frames that stand still in the candidate while the reference moves. A step between two frames stands still if their mean
// absolute difference is at most `motion` (FFmpeg's freezedetect: 0.001 of the range). It counts only if the reference moves in that very
// step: more than the limit and more than four times as much. `span` such steps in a row fire; the default is one latent frame, from which
// Wan's decoder makes four: a repeated latent is the shortest freeze that a cache or a scheduler bug gives.
#include <fmt/format.h>

#include "metrics/kernels/pixel_sums.h"
#include "metrics/metric.h"

namespace wan::metrics {
namespace {

constexpr double kReferenceRatio = 4;

class Run final : public MetricRun {
 public:
  explicit Run(const Parameters& parameters) : motion_(get_number(parameters, "motion")), span_(get_int(parameters, "span")) {}

  void add(const FramePair& pair, std::int64_t index) override {
    if (index > 0) judge_step(pair, index);
    last_reference_.assign(pair.reference.begin(), pair.reference.end());
    last_candidate_.assign(pair.candidate.begin(), pair.candidate.end());
  }

  QualityScores finish() override {
    close_span();
    ArtifactFinding finding{.detector = "frozen", .fired = !frames_.empty(), .frames = frames_};
    if (still_ > 0)
      finding.detail = fmt::format("{} steps stand still where the reference moves, longest span {}, limit {}", still_, longest_, span_);
    return {.artifacts = {std::move(finding)}};
  }

 private:
  void judge_step(const FramePair& pair, std::int64_t index) {
    const double values = static_cast<double>(pair.reference.size());
    const double candidate = static_cast<double>(absolute_error(pair.candidate, last_candidate_)) / values;
    const double reference = static_cast<double>(absolute_error(pair.reference, last_reference_)) / values;
    if (candidate <= motion_ && reference > motion_ && reference > kReferenceRatio * candidate) {
      open_.push_back(index);
      ++still_;
    } else {
      close_span();
    }
  }

  void close_span() {
    const auto length = static_cast<std::int64_t>(open_.size());
    longest_ = std::max(longest_, length);
    if (length >= span_) frames_.insert(frames_.end(), open_.begin(), open_.end());
    open_.clear();
  }

  double motion_;
  std::int64_t span_;
  std::vector<std::uint8_t> last_reference_, last_candidate_;
  std::vector<std::int64_t> open_;    // the current span: frames that repeat the one before them
  std::vector<std::int64_t> frames_;  // of spans that are long enough
  std::int64_t still_ = 0, longest_ = 0;
};

}  // namespace

extern const Metric frozen;
const Metric frozen{
    .info = {.id = "frozen",
             .summary = "fires on spans of frames that stand still while the reference moves",
             .parameters = {{.name = "motion",
                             .help = "largest mean absolute difference of a still step, in levels of 255",
                             .default_value = 0.255,
                             .minimum = 0.0,
                             .maximum = 16.0},
                            {.name = "span",
                             .help = "still steps in a row that fire",
                             .default_value = std::int64_t{4},
                             .minimum = 1,
                             .maximum = 10000}},
             .detector = true},
    .begin = [](const Format&, const Parameters& parameters) -> std::unique_ptr<MetricRun> { return std::make_unique<Run>(parameters); },
};

}  // namespace wan::metrics
