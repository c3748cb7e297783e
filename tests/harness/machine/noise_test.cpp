#include "harness/machine/noise.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/base/error.h"

namespace wan::machine {
namespace {

TEST(Noise, ScoreFollowsFromTheDeviations) {
  // Median 1; deviations 0.02, 0.01, 0, 0.01, 0.03: their median is 0.01.
  const NoiseScore score = score_noise(std::vector{0.98, 1.01, 1.0, 0.99, 1.03});
  EXPECT_EQ(score.samples, 5u);
  EXPECT_DOUBLE_EQ(score.median_s, 1);
  ASSERT_TRUE(score.deviation && score.half_width && score.resolvable);
  EXPECT_NEAR(*score.deviation, 0.01, 1e-12);
  // sigma of a log time 0.01482602, of a pair's log ratio sqrt(2) of it, of the mean over 12 blocks 1 / sqrt(12) of that; t(11) is 2.200985
  // and 1.363430, which are rounded in the seventh digit: 1e-6 of them times 0.006 is 6e-9.
  EXPECT_NEAR(*score.half_width, 2.200985 * 0.01482602 * std::sqrt(2.0 / 12.0), 6e-9);
  EXPECT_NEAR(*score.resolvable, (2.200985 + 1.363430) * 0.01482602 * std::sqrt(2.0 / 12.0), 6e-9);
}

TEST(Noise, AgreesWithWhatWasMeasuredOnAGpu) {
  // Pairs with a deviation of 0.72 % gave ±0.46 % over twelve blocks: a visit's sigma of 0.72 % / sqrt(2), so a median deviation of 0.343
  // %.
  const double deviation = 0.0072 / std::sqrt(2.0) / 1.482602;
  const NoiseScore score = score_noise(std::vector{1 - 2 * deviation, 1 - deviation, 1.0, 1 + deviation, 1 + 2 * deviation});
  EXPECT_NEAR(score.half_width.value_or(0), 0.0046, 5e-5);
}

TEST(Noise, FewSamplesHaveNoScore) {
  const NoiseScore score = score_noise(std::vector{1.0, 1.1, 0.9, 1.0});
  EXPECT_EQ(score.samples, 4u);
  EXPECT_FALSE(score.deviation);
  EXPECT_FALSE(score.half_width);
  EXPECT_FALSE(score.resolvable);
  EXPECT_THROW(score_noise({}), CheckError);
}

TEST(Noise, EqualTimesHaveNone) { EXPECT_EQ(score_noise(std::vector(9, 0.05)).resolvable, 0.0); }

TEST(Noise, FixedWorkIsRepeatedAtLeastFiveTimes) {
  const auto samples_s = time_fixed_work(/*duration_s=*/0, /*threads=*/2);
  EXPECT_EQ(samples_s.size(), 5u);
  for (const double sample_s : samples_s) EXPECT_GT(sample_s, 0);
  EXPECT_THROW(time_fixed_work(0, 0), CheckError);
}

TEST(Noise, CopyingHasARate) { EXPECT_GT(host_copy_bytes_per_s(2), 0); }

}  // namespace
}  // namespace wan::machine
