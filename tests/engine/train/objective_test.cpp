#include "engine/train/objective.h"

#include <ATen/ops/full.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <cmath>

#include "engine/runtime/tensor.h"
#include "engine/sampling/schedule.h"

namespace wan::train {
namespace {

TEST(Objective, DivergenceIsThatOfTwoGaussians) {
  const auto of = [](double mean, double variance) {
    return divergence({.mean = at::full({1, 2, 1, 1, 1}, mean, at::TensorOptions(at::kDouble)),
                       .log_variance = at::full({1, 2, 1, 1, 1}, std::log(variance), at::TensorOptions(at::kDouble))})
        .item<double>();
  };
  EXPECT_NEAR(of(0, 1), 0, 1e-12);
  EXPECT_NEAR(of(2, 1), 2.0, 1e-12);  // mean^2 / 2
  EXPECT_NEAR(of(0, 4), (4 - std::log(4.0) - 1) / 2, 1e-12);
}

TEST(Objective, EdgesSeeDifferencesAndNotLevels) {
  const at::Tensor black = at::zeros({1, 3, 1, 8, 8}), grey = at::full({1, 3, 1, 8, 8}, 0.5);
  EXPECT_EQ(edge_loss(grey - black).item<double>(), 0);
  EXPECT_EQ(reconstruction_loss(grey - black).item<double>(), 0.5);
  at::Tensor line = at::zeros({1, 3, 1, 8, 8});
  line.select(4, 4).fill_(1.0);
  // Full size: two of seven steps across are 1. Half: one column of four is 0.5, so two of three steps. Quarter: 0.25, the one step.
  EXPECT_NEAR(edge_loss(line - black).item<double>(), (2.0 / 7 + 0.5 * 2 / 3 + 0.25) / 3, 1e-6);
}

TEST(Objective, LevelsLieAsTheScheduleVisitsThem) {
  constexpr double kShift = 3;
  const auto schedule = sampling::make_schedule(Solver::euler, Reference::diffusers, 1000, kShift);
  world::Random random(1);
  const auto levels = draw_levels(random, 4000, {.shift = kShift, .lowest = 0, .highest = 1});
  // Quartiles of both.
  for (const double share : {0.25, 0.5, 0.75}) {
    const auto visited = static_cast<double>(schedule.sigmas[static_cast<std::size_t>(1000 * (1 - share))]);
    EXPECT_NEAR(levels[static_cast<std::size_t>(4000 * share)], visited, 2e-3) << share;
  }
  for (const double level : draw_levels(random, 500, {.shift = kShift, .lowest = 0.875, .highest = 1})) {
    EXPECT_GE(level, 0.875);
    EXPECT_LE(level, 1.0);
  }
}

TEST(Objective, VelocityIsNoiseLessClean) {
  const at::Tensor clean = at::full({1, 1, 1, 1, 1}, 3.0), noise = at::full({1, 1, 1, 1, 1}, -1.0);
  EXPECT_NEAR(add_noise(clean, noise, at::full({1, 1, 1, 1, 1}, 0.25)).item<double>(), 2.0, 1e-6);
  EXPECT_EQ(velocity_loss(at::full({1, 1, 1, 1, 1}, -4.0), clean, noise).item<double>(), 0.0);
  EXPECT_EQ(velocity_loss(at::zeros({1, 1, 1, 1, 1}), clean, noise).item<double>(), 16.0);
}

}  // namespace
}  // namespace wan::train
