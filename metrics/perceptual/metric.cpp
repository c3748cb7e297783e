#include "metrics/perceptual/metric.h"

#include <utility>
#include <vector>

#include "metrics/perceptual/distance.h"

namespace wan::metrics::perceptual {
namespace {

class Run final : public MetricRun {
 public:
  Run(const Trunk& trunk, const Format& format, std::string id, FrameValue value, std::int64_t first)
      : id_(std::move(id)), comparison_(Comparison::of(trunk, format, id_)), values_(static_cast<std::size_t>(format.frames - first)) {
    comparison_->add_consumer([this, format, value, first](std::int64_t index, const FeaturePair& now, const FeaturePair& before) {
      if (index >= first) values_[static_cast<std::size_t>(index - first)] = value(comparison_->network(), now, before, format);
    });
  }

  void add(const FramePair& pair, std::int64_t index) override { comparison_->add(pair, index); }

  QualityScores finish() override {
    comparison_->finish();
    return {.scores = {{.metric = id_, .per_frame = std::move(values_)}}};
  }

 private:
  const std::string id_;
  const std::shared_ptr<Comparison> comparison_;
  std::vector<double> values_;
};

}  // namespace

std::unique_ptr<MetricRun> begin(const Trunk& trunk, const Format& format, std::string id, FrameValue value, std::int64_t first) {
  return std::make_unique<Run>(trunk, format, std::move(id), value, first);
}

double lpips(const Network& network, const FeaturePair& now, const FeaturePair&, const Format& format) {
  return distance(network, *now.reference, *now.candidate, format.simd);
}

double lpips_spatial_mean(const Network& network, const FeaturePair& now, const FeaturePair&, const Format& format) {
  return spatial_mean(network, *now.reference, *now.candidate, format.height, format.width, format.simd);
}

}  // namespace wan::metrics::perceptual
