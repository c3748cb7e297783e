#include "metrics/perceptual/comparison.h"

#include <algorithm>

#include "engine/base/error.h"

namespace wan::metrics::perceptual {
namespace {

// Features in flight: what two large frames of VGG16 need, a hundred of AlexNet's small ones.
constexpr std::int64_t kBatchBytes = std::int64_t{2} << 30;
// Small frames are gathered until starting the threads is no cost.
constexpr std::int64_t kBatchPixels = 1 << 18;

std::int64_t frame_bytes(const Trunk& trunk, const Format& format) {
  return trunk.feature_floats(format.height, format.width) * std::int64_t{sizeof(float)};
}

}  // namespace

std::shared_ptr<Comparison> Comparison::of(const Trunk& trunk, const Format& format, std::string_view user) {
  return format.shared->find_or_make<Comparison>(std::string(trunk.id),
                                                 [&] { return std::make_shared<Comparison>(Network::find(trunk, format, user), format); });
}

Comparison::Comparison(std::shared_ptr<const Network> network, const Format& format)
    : format_(format),
      network_(std::move(network)),
      pairs_a_batch_(std::clamp<std::int64_t>(kBatchBytes / (2 * frame_bytes(network_->trunk(), format)), 1,
                                              std::max<std::int64_t>(format.threads, kBatchPixels / (format.height * format.width)))),
      pool_(format.threads),
      kept_(format.cache,
            fmt::format("{}/{}/{}/{}", network_->trunk().id, network_->trunk().version, format.data_dir, format.reference_hash),
            format.frames, frame_bytes(network_->trunk(), format)) {}

void Comparison::add_consumer(Consumer consumer) { consumers_.push_back(std::move(consumer)); }

void Comparison::add(const FramePair& pair, std::int64_t index) {
  if (index < done_ + pending_) return;
  WAN_CHECK(index == done_ + pending_, "frame {} after {}", index, done_ + pending_);
  candidate_.insert(candidate_.end(), pair.candidate.begin(), pair.candidate.end());
  reference_.insert(reference_.end(), pair.reference.begin(), pair.reference.end());
  if (++pending_ == pairs_a_batch_) flush();
}

void Comparison::finish() {
  if (pending_ > 0) flush();
  kept_.keep();
}

SharedFeatures Comparison::run(const std::vector<std::uint8_t>& frames, std::int64_t slot) {
  const auto bytes = static_cast<std::size_t>(format_.height * format_.width * 3);
  const auto frame = std::span(frames).subspan(static_cast<std::size_t>(slot) * bytes, bytes);
  auto scratch = scratch_.take();
  auto features = std::make_shared<const Features>(network_->run(frame, *scratch, format_.simd));
  scratch_.give_back(std::move(scratch));
  return features;
}

void Comparison::flush() {
  std::vector<FeaturePair> pairs(static_cast<std::size_t>(pending_) + 1);  // after the batch before's last
  pairs[0] = std::move(last_);
  std::vector<std::pair<std::int64_t, bool>> wanted;  // slot, of the reference
  for (std::int64_t slot = 0; slot < pending_; ++slot) {
    FeaturePair& pair = pairs[static_cast<std::size_t>(slot) + 1];
    pair.reference = kept_.find(done_ + slot);
    if (!pair.reference) wanted.emplace_back(slot, true);
    wanted.emplace_back(slot, false);
  }
  pool_.run(static_cast<std::int64_t>(wanted.size()), [&](std::int64_t i) {
    const auto [slot, of_reference] = wanted[static_cast<std::size_t>(i)];
    FeaturePair& pair = pairs[static_cast<std::size_t>(slot) + 1];
    (of_reference ? pair.reference : pair.candidate) = run(of_reference ? reference_ : candidate_, slot);
  });
  pool_.run(pending_, [&](std::int64_t slot) {
    const auto at = static_cast<std::size_t>(slot);
    for (const Consumer& consumer : consumers_) consumer(done_ + slot, pairs[at + 1], pairs[at]);
  });
  for (std::int64_t slot = 0; slot < pending_; ++slot) kept_.give(done_ + slot, pairs[static_cast<std::size_t>(slot) + 1].reference);
  last_ = std::move(pairs.back());
  reference_.clear();
  candidate_.clear();
  done_ += pending_;
  pending_ = 0;
}

}  // namespace wan::metrics::perceptual
