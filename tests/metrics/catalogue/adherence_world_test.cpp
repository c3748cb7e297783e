#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/train/world/caption.h"
#include "engine/train/world/random.h"
#include "engine/train/world/render.h"
#include "metrics/scorer.h"
#include "metrics/world/segment.h"
#include "tests/support/metrics/synthetic_clip.h"

namespace wan::metrics {
namespace {

using ::testing::HasSubstr;
using wan::world::Colour;
using wan::world::Motion;
using wan::world::Scene;
using wan::world::Shape;
using wan::world::Tone;

constexpr const char* kId = "adherence.world";
constexpr const char* kPrompt = "A red star moves right on a navy background.";
const Scene kScene{.first = {.shape = Shape::star, .colour = Colour::red},
                   .motion = Motion::move,
                   .direction = wan::world::Direction::right,
                   .background = {.tone = Tone::navy}};

QualityScores score_alone(const VideoClip& clip, const std::string& prompt) {
  return score(clip, clip, {.metrics = {{kId}}, .prompt = prompt});
}

// The value of a score, -1 if it is absent, -2 if it is an error.
double value(const QualityScores& scores, const std::string& part) {
  const Score* found = scores.find(part.empty() ? kId : std::string(kId) + "." + part);
  return !found ? -1 : found->error.empty() ? found->pooled.mean : -2;
}

class AdherenceWorld : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!world::can_segment()) GTEST_SKIP() << "this build has no OpenCV";
  }
};

TEST_F(AdherenceWorld, AnswersEveryClaimOfTheCaptionAndNoOther) {
  const QualityScores scores = score_alone(wan::world::render(kScene, 1), kPrompt);
  for (const char* part :
       {"", "seen", "moving", "colour", "shape", "count", "motion", "direction", "background", "pattern", "size", "texture", "speed"})
    EXPECT_EQ(value(scores, part), 1) << part;
  EXPECT_EQ(value(scores, "relation"), -1) << "of one thing";
  EXPECT_EQ(value(scores, "pan"), -1);
  EXPECT_EQ(value(score_alone(wan::world::render(kScene, 1), "A red star moves right."), "background"), -1);
}

TEST_F(AdherenceWorld, EachWrongWordIsOneWrongClaim) {
  const VideoClip clip = wan::world::render(kScene, 2);
  const std::pair<const char*, const char*> kWrong[] = {{"A green star moves right on a navy background.", "colour"},
                                                        {"A red ring moves right on a navy background.", "shape"},
                                                        {"Two red stars move right on a navy background.", "count"},
                                                        {"A red star moves left on a navy background.", "direction"},
                                                        {"A red star moves right on a black background.", "background"}};
  for (const auto& [prompt, wrong] : kWrong) {
    const QualityScores scores = score_alone(clip, prompt);
    EXPECT_EQ(value(scores, ""), 0) << prompt;
    for (const char* part : {"colour", "shape", "count", "direction", "background"})
      EXPECT_EQ(value(scores, part), part == std::string(wrong) ? 0 : 1) << prompt << " " << part;
  }
  const QualityScores slow = score_alone(clip, "A large striped red star moves right slowly on a checkered navy background.");
  EXPECT_EQ(value(slow, ""), 1) << "size, texture, speed and pattern are not core claims";
  for (const char* part : {"size", "texture", "speed", "pattern"}) EXPECT_EQ(value(slow, part), 0) << part;
}

TEST_F(AdherenceWorld, ToldApartAreAnEmptyAndAFrozenClip) {
  const VideoClip clip = wan::world::render(kScene, 3);
  const QualityScores frozen = score_alone(testing::with_frozen_frames(clip, 0, clip.frames - 1), kPrompt);
  EXPECT_EQ(value(frozen, "seen"), 1);
  EXPECT_EQ(value(frozen, "moving"), 0);
  EXPECT_EQ(value(frozen, "motion"), 0);
  EXPECT_EQ(value(frozen, "colour"), 1);
  Scene hidden = kScene;
  hidden.motion = Motion::appear;
  const VideoClip whole = wan::world::render(hidden, 3);
  const QualityScores empty = score_alone(testing::with_frozen_frames(whole, 0, whole.frames - 1), kPrompt);
  EXPECT_EQ(value(empty, "seen"), 0);
  EXPECT_EQ(value(empty, "moving"), 1) << "there is nothing that could";
  EXPECT_EQ(value(empty, "background"), 1);
  EXPECT_EQ(value(empty, "shape"), 0);
}

TEST_F(AdherenceWorld, PixelsOfNoWorldAreWrongAndNoFault) {
  wan::world::Random random(7);
  VideoClip noise{.frames = 6, .height = 100, .width = 130};
  noise.rgb.resize(6 * 100 * 130 * 3);
  for (auto& byte : noise.rgb) byte = static_cast<std::uint8_t>(random.below(256));
  for (const VideoClip& clip : {noise, testing::flat({9, 96, 96}, 0), testing::flat({5, 128, 300}, 255),
                                testing::moving_ramps({9, 128, 128}), testing::noisy(testing::moving_ramps({5, 700, 96}), 200)})
    for (const std::uint64_t seed : {0U, 1U, 2U, 3U, 4U, 5U}) {
      const std::string prompt = wan::world::describe(wan::world::draw_scene(seed, wan::world::Split::train), seed);
      const QualityScores scores = score_alone(clip, prompt);
      EXPECT_EQ(value(scores, ""), 0) << prompt;
      EXPECT_GE(value(scores, "shape"), 0) << prompt << ": a number all the same";
    }
  EXPECT_EQ(value(score_alone(testing::flat({9, 96, 96}, 24), "A red star on a black background."), "seen"), 0);
}

TEST_F(AdherenceWorld, SaysWhatItCannotMeasure) {
  const auto error = [](const VideoClip& clip, const std::string& prompt) { return score_alone(clip, prompt).find(kId)->error; };
  const VideoClip clip = wan::world::render(kScene, 4);
  for (const char* prompt : {"", "a cat on a chair", "a red star and a blue star", "\xff\xfe"})
    EXPECT_THAT(error(clip, prompt), HasSubstr("world of shapes")) << prompt;
  EXPECT_THAT(error(wan::world::render(kScene, 4, {.frames = 1}), kPrompt), HasSubstr("at least 5 frames"));
  EXPECT_THAT(error(wan::world::render(kScene, 4, {.height = 64, .width = 64}), kPrompt), HasSubstr("96x96"));
}

TEST(AdherenceWorldChoice, IsLeftOutOfOtherPromptsUnlessNamed) {
  const VideoClip clip = testing::moving_ramps({2, 16, 16});
  const auto scored = [&](bool if_it_applies, const std::string& prompt) {
    return score(clip, clip, {.metrics = {{.id = "mse"}, {.id = kId, .if_it_applies = if_it_applies}}, .prompt = prompt});
  };
  EXPECT_EQ(scored(true, "A cat sitting on a chair").scores.size(), 1U);
  EXPECT_EQ(value(scored(false, "A cat sitting on a chair"), ""), -2);
  EXPECT_EQ(value(scored(true, kPrompt), ""), -2) << "two small frames of a prompt that it can read";
}

}  // namespace
}  // namespace wan::metrics
