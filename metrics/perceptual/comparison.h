// The walk over the frames of two clips that all metrics on one trunk share: each frame's features are computed once, the reference's kept
// in the ScoreCache. Frames run side by side on the threads, a bounded number at a time; no number depends on how many.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "metrics/metric.h"
#include "metrics/perceptual/network.h"
#include "metrics/reference_work.h"
#include "metrics/worker_pool.h"

namespace wan::metrics::perceptual {

using SharedFeatures = std::shared_ptr<const Features>;

// One frame of both clips, and the one before it; the latter is empty at frame 0.
struct FeaturePair {
  SharedFeatures reference, candidate;
};
// Called once for each frame, in any order and from several threads at once.
using Consumer = std::function<void(std::int64_t index, const FeaturePair& now, const FeaturePair& before)>;

class Comparison final : public SharedWork::Entry {
 public:
  // The comparison's only one on `trunk`. Throws UsageError, naming `user`, if there are no weights or frames are too small.
  static std::shared_ptr<Comparison> of(const Trunk& trunk, const Format& format, std::string_view user);

  Comparison(std::shared_ptr<const Network> network, const Format& format);
  const Network& network() const { return *network_; }

  // Before the first frame.
  void add_consumer(Consumer consumer);
  // Each user hands on every pair, in order; the first to do so counts.
  void add(const FramePair& pair, std::int64_t index);
  // All consumers have been called for all frames when it returns.
  void finish();

 private:
  void flush();
  SharedFeatures run(const std::vector<std::uint8_t>& frames, std::int64_t slot);

  const Format format_;
  const std::shared_ptr<const Network> network_;
  std::vector<Consumer> consumers_;
  const std::int64_t pairs_a_batch_;
  WorkerPool pool_;
  ScratchPool scratch_;

  ReferenceWork<Features> kept_;

  std::vector<std::uint8_t> reference_, candidate_;  // frames waiting
  std::int64_t done_ = 0, pending_ = 0;
  FeaturePair last_;  // the last frame of the batch before
};

}  // namespace wan::metrics::perceptual
