#include <algorithm>
#include <cmath>
#include <filesystem>

#include "engine/base/error.h"
#include "engine/base/sha256.h"
#include "metrics/perceptual/network.h"
#include "metrics/sets/extractor.h"
#include "metrics/worker_pool.h"

namespace wan::metrics::sets {
namespace {

using perceptual::FeatureMap;
using perceptual::Network;

constexpr std::int64_t kBytesAtOnce = std::int64_t{4} << 30;

std::vector<double> averaged(const FeatureMap& map) {
  std::vector<double> means(map.channels);
  for (std::size_t p = 0; p < map.positions(); ++p)
    for (std::size_t c = 0; c < map.channels; ++c) means[c] += static_cast<double>(map.values[p * map.channels + c]);
  for (double& mean : means) mean /= static_cast<double>(map.positions());
  return means;
}

class LpipsVgg final : public Extractor {
 public:
  explicit LpipsVgg(std::string data_dir) : data_dir_(std::move(data_dir)) {
    const std::filesystem::path path = std::filesystem::path(data_dir_) / perceptual::kVgg16.file;
    if (!std::filesystem::exists(path))
      throw UsageError(fmt::format("lpips_vgg needs its weights, and {} is not there; run ci/bootstrap to fetch them", path.string()));
    info_ = {.name = "lpips_vgg",
             .sha256 = sha256_file(path),
             .normaliser = "LPIPS v0.1: u8 / 127.5 - 1, then its shift and scale",
             .features = "relu5_3 averaged over positions: mean over frames, mean absolute change from frame to frame"};
  }

  const ExtractorInfo& info() const override { return info_; }

  std::vector<double> extract(const VideoClip& clip, int threads) override {
    if (clip.frames < 2) throw UsageError(fmt::format("lpips_vgg needs two frames, a clip has {}", clip.frames));
    if (!network_ || height_ != clip.height || width_ != clip.width) {
      height_ = clip.height, width_ = clip.width;
      network_ = Network::find(perceptual::kVgg16, {.height = height_, .width = width_, .data_dir = data_dir_}, "lpips_vgg");
    }
    const std::int64_t frame_bytes = 4 * perceptual::kVgg16.feature_floats(height_, width_) * 2;  // and what lies between the maps
    const int at_once = static_cast<int>(std::clamp<std::int64_t>(kBytesAtOnce / frame_bytes, 1, std::max(1, threads)));
    std::vector<std::vector<double>> frames(static_cast<std::size_t>(clip.frames));
    WorkerPool(at_once).run(clip.frames, [&](std::int64_t i) {
      auto scratch = scratch_.take();
      frames[static_cast<std::size_t>(i)] = averaged(network_->run(clip.frame(i), *scratch).back());
      scratch_.give_back(std::move(scratch));
    });

    const std::size_t channels = frames[0].size();
    std::vector<double> features(2 * channels);
    for (std::size_t t = 0; t < frames.size(); ++t)
      for (std::size_t c = 0; c < channels; ++c) {
        features[c] += frames[t][c] / static_cast<double>(frames.size());
        if (t > 0) features[channels + c] += std::abs(frames[t][c] - frames[t - 1][c]) / static_cast<double>(frames.size() - 1);
      }
    return features;
  }

 private:
  const std::string data_dir_;
  ExtractorInfo info_;
  std::shared_ptr<const Network> network_;
  std::int64_t height_ = 0, width_ = 0;
  perceptual::ScratchPool scratch_;
};

}  // namespace

std::unique_ptr<Extractor> lpips_vgg_extractor(const std::string& data_dir) { return std::make_unique<LpipsVgg>(data_dir); }

}  // namespace wan::metrics::sets
