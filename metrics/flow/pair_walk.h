// Consecutive frames of two clips, several pairs side by side, with a bounded number of frames in memory.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "metrics/metric.h"
#include "metrics/worker_pool.h"

namespace wan::metrics::flow {

// Frames index - 1 and index of both clips.
struct Consecutive {
  std::int64_t index;
  std::span<const std::uint8_t> reference_before, reference, candidate_before, candidate;
};

class PairWalk {
 public:
  // `work` is called once for each index from 1 on, in any order and from several threads at once.
  PairWalk(const Format& format, std::function<void(const Consecutive&)> work);
  // In order.
  void add(const FramePair& pair);
  // `work` has been called for every pair when it returns.
  void finish();

 private:
  const std::size_t frame_bytes_, batch_;
  const std::function<void(const Consecutive&)> work_;
  WorkerPool pool_;
  std::vector<std::uint8_t> reference_, candidate_;  // frames first_ ...
  std::int64_t first_ = 0;
};

}  // namespace wan::metrics::flow
