// Whether a clip shows what its caption says, for captions of the world's language (engine/train/world): the candidate's pixels alone are
// segmented and followed, and what is found answers each claim of the caption with 1 or 0.
//   adherence.world          1 if every core claim is right: colour, shape, count, motion, direction or relation, background tone
//   adherence.world.<claim>  1 or 0; absent where the caption makes no such claim or the frames are too few to tell
//   adherence.world.seen     0 if no frame shows a thing
//   adherence.world.moving   0 if a motion is claimed, things are seen, and nothing happens to them
// Means over clips are shares of clips; they take in only clips that have the score.
#include <fmt/format.h>

#include "engine/base/error.h"
#include "metrics/metric.h"
#include "metrics/pooling.h"
#include "metrics/world/answer.h"
#include "metrics/world/observe.h"

namespace wan::metrics {
namespace {

constexpr const char* kId = "adherence.world";
constexpr std::int64_t kLeastSide = 96, kLeastFrames = 5;  // below, a small star is a disc and a hop is a jump

Score fact(const std::string& id, bool holds) {
  const double value = holds ? 1 : 0;
  return score_of_clip(id, value);
}

std::string id_of(std::string_view claim) { return fmt::format("{}.{}", kId, claim); }

std::vector<std::string> score_ids() {
  std::vector<std::string> ids{kId, id_of("seen"), id_of("moving")};
  for (const world::Claim claim : world::kClaims) ids.push_back(id_of(world::to_string(claim)));
  return ids;
}

class Run final : public MetricRun {
 public:
  Run(const wan::world::Caption& caption, const Format& format) : caption_(caption), height_(format.height), width_(format.width) {}

  void add(const FramePair& pair, std::int64_t) override { observer_.add(pair.candidate, height_, width_); }

  QualityScores finish() override {
    const world::Answers answers = world::answer(caption_, observer_.finish());
    QualityScores scores{
        .scores = {fact(kId, answers.adheres), fact(id_of("seen"), answers.shows_things), fact(id_of("moving"), answers.moves)}};
    for (const auto& [claim, right] : answers.right) scores.scores.push_back(fact(id_of(world::to_string(claim)), right));
    return scores;
  }

 private:
  wan::world::Caption caption_;
  std::int64_t height_, width_;
  world::Observer observer_;
};

std::unique_ptr<MetricRun> begin(const Format& format, const Parameters&) {
  const auto caption = wan::world::read_caption(format.prompt);
  if (!caption)
    throw UsageError(
        fmt::format("{} reads prompts in the language of the world of shapes alone, and this is none: '{}'", kId, format.prompt));
  if (!world::can_segment())
    throw UsageError(
        fmt::format("{} finds things with OpenCV, which this build has not; install libopencv-imgproc-dev and build again", kId));
  if (format.height < kLeastSide || format.width < kLeastSide || format.frames < kLeastFrames)
    throw UsageError(fmt::format("{} needs at least {} frames of {}x{}, these are {} of {}x{}: shapes and motions could not be told", kId,
                                 kLeastFrames, kLeastSide, kLeastSide, format.frames, format.width, format.height));
  return std::make_unique<Run>(*caption, format);
}

}  // namespace

extern const Metric adherence_world;
const Metric adherence_world{
    .info = {.id = kId,
             .summary = "whether a clip shows what its caption of the world of shapes says, claim by claim",
             .unit = "1",
             .direction = Direction::higher_is_better,
             .scores = score_ids(),
             .needs_reference = false},
    .begin = begin,
    .applies = [](const Format& format) { return wan::world::read_caption(format.prompt).has_value(); },
};

}  // namespace wan::metrics
