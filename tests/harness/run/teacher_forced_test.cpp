#include "harness/run/teacher_forced.h"

#include <gtest/gtest.h>

#include <limits>

namespace wan::run {
namespace {

const metrics::Score* find(const std::vector<metrics::Score>& scores, const std::string& name) {
  for (const auto& score : scores)
    if (score.metric == name) return &score;
  return nullptr;
}

TEST(TeacherForcedScores, AreOneValueAStepAndSplitByExpert) {
  const auto scores = teacher_forced_scores({.steps = {{.step = 0, .low_noise = false, .relative_l2 = 0.01, .cosine = 0.99},
                                                       {.step = 1, .low_noise = true, .relative_l2 = 0.03, .cosine = 0.97},
                                                       {.step = 2, .low_noise = true, .relative_l2 = 0.05, .cosine = 0.95}}});
  ASSERT_EQ(scores.size(), 4U);
  EXPECT_EQ(find(scores, "teacher_forced.relative_l2")->per_frame, (std::vector<double>{0.01, 0.03, 0.05}));
  EXPECT_DOUBLE_EQ(find(scores, "teacher_forced.relative_l2")->pooled.max, 0.05);
  EXPECT_DOUBLE_EQ(find(scores, "teacher_forced.relative_l2.high_noise")->pooled.mean, 0.01);
  EXPECT_DOUBLE_EQ(find(scores, "teacher_forced.relative_l2.low_noise")->pooled.mean, 0.04);
  EXPECT_DOUBLE_EQ(find(scores, "teacher_forced.cosine")->pooled.min, 0.95);
}

TEST(TeacherForcedScores, OfOneExpertHaveNoScoreForTheOther) {
  const auto scores = teacher_forced_scores({.steps = {{.step = 0, .relative_l2 = 0.01, .cosine = 0.99}}});
  EXPECT_EQ(find(scores, "teacher_forced.relative_l2.low_noise"), nullptr);
}

TEST(TeacherForcedScores, NanIsAnErrorThatNamesTheStep) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto scores =
      teacher_forced_scores({.steps = {{.step = 0, .relative_l2 = 0.01, .cosine = 1}, {.step = 1, .relative_l2 = nan, .cosine = nan}}});
  EXPECT_EQ(find(scores, "teacher_forced.relative_l2")->error, "the velocity of step 1 is not a number");
  EXPECT_EQ(teacher_forced_scores({}).front().error, "the replay has no steps");
}

}  // namespace
}  // namespace wan::run
