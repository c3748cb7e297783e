#include "metrics/flow/pair_walk.h"

#include <utility>

namespace wan::metrics::flow {

PairWalk::PairWalk(const Format& format, std::function<void(const Consecutive&)> work)
    : frame_bytes_(static_cast<std::size_t>(format.height * format.width * 3)),
      batch_(static_cast<std::size_t>(2 * format.threads) + 1),
      work_(std::move(work)),
      pool_(format.threads) {}

void PairWalk::add(const FramePair& pair) {
  reference_.insert(reference_.end(), pair.reference.begin(), pair.reference.end());
  candidate_.insert(candidate_.end(), pair.candidate.begin(), pair.candidate.end());
  if (reference_.size() / frame_bytes_ == batch_) finish();
}

void PairWalk::finish() {
  const auto frames = static_cast<std::int64_t>(reference_.size() / frame_bytes_);
  if (frames < 2) return;
  const auto frame = [&](const std::vector<std::uint8_t>& clip, std::int64_t i) {
    return std::span(clip).subspan(static_cast<std::size_t>(i) * frame_bytes_, frame_bytes_);
  };
  pool_.run(frames - 1, [&](std::int64_t i) {
    work_({.index = first_ + i + 1,
           .reference_before = frame(reference_, i),
           .reference = frame(reference_, i + 1),
           .candidate_before = frame(candidate_, i),
           .candidate = frame(candidate_, i + 1)});
  });
  for (auto* clip : {&reference_, &candidate_}) clip->erase(clip->begin(), clip->end() - static_cast<std::ptrdiff_t>(frame_bytes_));
  first_ += frames - 1;
}

}  // namespace wan::metrics::flow
