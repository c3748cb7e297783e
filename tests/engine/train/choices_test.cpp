#include "engine/train/choices.h"

#include <gtest/gtest.h>

#include "engine/runtime/tensor.h"

namespace wan::train {
namespace {

const std::vector<NoiseRange> kExperts = {{3, 0.875, 1}, {3, 0, 0.875}};

TEST(Choices, ABatchIsSplitAsTheScheduleSpendsItsTime) {
  EXPECT_NEAR(share_of(kExperts[0]), 0.3, 1e-12) << "sigma 0.875 is u = 0.7 at shift 3";
  EXPECT_EQ(split_batch(512, kExperts), (std::vector<std::int64_t>{154, 358}));
  EXPECT_EQ(split_batch(2, kExperts), (std::vector<std::int64_t>{1, 1})) << "no expert goes without";
  EXPECT_EQ(split_batch(7, {{3, 0, 1}}), (std::vector<std::int64_t>{7}));
}

TEST(Choices, DependOnTheStepAlone) {
  const ChoiceOptions options{.batch = 8, .pool = 100, .dropout = 0.25, .ranges = kExperts, .seed = 5};
  Choices whole(options, at::kCPU);
  for (std::int64_t step = 0; step < 200; ++step) {
    whole.choose(step);
    if (step % 37 != 0) continue;
    Choices resumed(options, at::kCPU);
    resumed.choose(step);
    EXPECT_TRUE(resumed.places().equal(whole.places())) << step;
    EXPECT_TRUE(resumed.kept().equal(whole.kept())) << step;
    EXPECT_TRUE(resumed.levels().equal(whole.levels())) << step;
  }
}

TEST(Choices, StayInTheirRanges) {
  Choices choices({.batch = 40, .pool = 7, .dropout = 0.5, .ranges = kExperts, .seed = 1}, at::kCPU);
  choices.choose(0);
  const void* place = choices.places().const_data_ptr();
  std::int64_t kept = 0;
  for (std::int64_t step = 0; step < 100; ++step) {
    choices.choose(step);
    EXPECT_EQ(choices.places().const_data_ptr(), place) << "a recorded step reads them where they were";
    EXPECT_GE(choices.places().min().item<std::int64_t>(), 0);
    EXPECT_LT(choices.places().max().item<std::int64_t>(), 7);
    EXPECT_GE(choices.levels().narrow(0, 0, 12).min().item<double>(), 0.875);
    EXPECT_LE(choices.levels().narrow(0, 12, 28).max().item<double>(), 0.875);
    kept += choices.kept().sum().item<std::int64_t>();
  }
  EXPECT_NEAR(static_cast<double>(kept), 2000, 5 * 31.6) << "five deviations of 4000 coins";
}

}  // namespace
}  // namespace wan::train
