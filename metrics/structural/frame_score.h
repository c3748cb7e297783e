// What the structural metrics share: one score a frame from that frame alone, refusal of small frames, work shared by threads.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "metrics/metric.h"

namespace wan::metrics::structural {

// Called for every frame, from several threads at once.
using FrameScore = std::function<double(const FramePair& pair)>;
// A run that gives score `id` with one value a frame.
std::unique_ptr<MetricRun> score_frames(std::string id, const Format& format, FrameScore score);

// Throws UsageError if a side is less than `side` pixels; `why` ends the sentence.
void require_side(const std::string& id, const Format& format, std::int64_t side, const std::string& why);

// Calls part(0) ... part(count - 1), in any order, on up to `threads` threads.
void share(int threads, std::int64_t count, const std::function<void(std::int64_t)>& part);
// Threads for one frame of a comparison: one, unless there are fewer frames than threads and a frame has work for more.
int threads_a_frame(const Format& format);

}  // namespace wan::metrics::structural
