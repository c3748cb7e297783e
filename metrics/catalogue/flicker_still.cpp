// Flicker where the reference stands still: the mean second difference in time of luma, |before - 2 frame + after|, over the pixels whose
// luma in the reference is the same (to 2 levels) before and after the frame. What moves in the reference does not count, so motion is no
// flicker.
//   flicker.still          candidate less reference, frames 1 ... T - 2, in levels; 0 where nothing stands still
//   flicker.still.period4  how far the candidate's excess differs between the phases of four frames, the frames of one latent
// Seams between latents, in time tiles or chunks, come back every four frames.
#include "engine/base/error.h"
#include "metrics/clip_profile.h"
#include "metrics/metric.h"
#include "metrics/pooling.h"

namespace wan::metrics {
namespace {

constexpr std::int64_t kLatentFrames = 4;

QualityScores judge(const Statistics& statistics, const Format&, const Parameters&) {
  if (statistics.frames() < 3) throw UsageError("flicker.still needs three frames or more: it compares a frame with both beside it");
  Score excess{.metric = "flicker.still"};
  for (std::size_t i = 1; i + 1 < statistics.pairs.size(); ++i) {
    const Still& still = statistics.pairs[i].second;
    const double more = static_cast<double>(still.candidate) - static_cast<double>(still.reference);
    excess.per_frame.push_back(still.pixels > 0 ? more / static_cast<double>(still.pixels) : 0);
  }
  const double range = periodicity(excess.per_frame, kLatentFrames).amplitude;
  Score periodic = score_of_clip("flicker.still.period4", range);
  return {.scores = {std::move(excess), std::move(periodic)}};
}

}  // namespace

extern const Metric flicker_still;
const Metric flicker_still{
    .info = {.id = "flicker.still",
             .summary = "flicker where the reference stands still, and how much of it has the period of a latent, four frames",
             .unit = "levels",
             .colour = "Y BT.601",
             .range = "0..255",
             .direction = Direction::lower_is_better,
             .scores = {"flicker.still", "flicker.still.period4"}},
    .judge = judge,
    .applies = [](const Format& format) { return format.frames >= 3; },
};

}  // namespace wan::metrics
