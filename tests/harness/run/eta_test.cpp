#include "harness/run/eta.h"

#include <gtest/gtest.h>

namespace wan::run {
namespace {

TEST(Eta, KnowsNothingBeforeTheFirstClip) {
  Eta eta;
  EXPECT_EQ(eta.remaining_s(), 0.0) << "nothing is planned";
  eta.plan("bf16", 3);
  EXPECT_FALSE(eta.remaining_s().has_value());
}

TEST(Eta, UsesWhatThisRunMeasured) {
  Eta eta;
  eta.plan("bf16", 3);
  eta.loaded("bf16", 5.0);
  eta.finished("bf16", 2.0);
  EXPECT_DOUBLE_EQ(*eta.remaining_s(), 4.0);
  eta.finished("bf16", 4.0);
  EXPECT_DOUBLE_EQ(*eta.remaining_s(), 3.0) << "one clip at the mean of 2 and 4";
  eta.dropped("bf16");
  EXPECT_DOUBLE_EQ(*eta.remaining_s(), 0.0);
}

TEST(Eta, TakesUnknownConfigurationsFromTheKnownOnes) {
  Eta eta;
  eta.plan("bf16", 1);
  eta.plan("fast", 2);
  eta.loaded("bf16", 5.0);
  eta.finished("bf16", 3.0);
  EXPECT_DOUBLE_EQ(*eta.remaining_s(), 2 * 3.0 + 5.0);
}

TEST(Eta, TimedStepsAreOnTopOfTheClips) {
  Eta eta({.load_s = {}, .clip_s = {{"bf16", 10.0}}, .steps_s = {{"bf16", 2.0}}});
  eta.plan("bf16", 1);
  eta.plan_steps("bf16", 3);
  EXPECT_DOUBLE_EQ(*eta.remaining_s(), 10 + 3 * 2);
  eta.steps_timed("bf16", 4.0);
  eta.steps_dropped("bf16");
  EXPECT_DOUBLE_EQ(*eta.remaining_s(), 10 + 4);
}

TEST(Eta, RecordedCostsServeUntilMeasured) {
  Eta eta({.load_s = {{"bf16", 1.0}, {"fast", 2.0}}, .clip_s = {{"bf16", 10.0}, {"fast", 4.0}}});
  eta.plan("bf16", 2);
  eta.plan("fast", 2);
  EXPECT_DOUBLE_EQ(*eta.remaining_s(), 1 + 20 + 2 + 8);
  eta.loaded("bf16", 1.5);
  eta.finished("bf16", 20.0);
  EXPECT_DOUBLE_EQ(*eta.remaining_s(), 20 + 2 + 8);
}

}  // namespace
}  // namespace wan::run
