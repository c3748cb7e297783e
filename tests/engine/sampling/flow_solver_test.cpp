#include "engine/sampling/flow_solver.h"

#include <ATen/ops/tanh.h>
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>

#include "engine/runtime/tensor.h"

namespace wan::sampling {
namespace {

// The toy of wan.md 6.4: x = [1, -0.5, 0.25], velocity tanh(0.5 x + 0.1 (i + 1) [1, 2, -1]); rows are the samples after each step, printed
// by the reference schedulers in float32. Tolerance: 6 steps of a handful of float32 operations on values below 1.2: 6 * 8 * 6e-8 * 1.2 =
// 4e-6.
using Rows = std::vector<std::array<float, 3>>;

void expect_trajectory(Solver solver, Reference reference, std::int64_t steps, const Rows& expected) {
  const auto schedule = make_schedule(solver, reference, steps, 5.0);
  const auto s = make_flow_solver(solver, schedule);
  at::Tensor x = at::tensor({1.0F, -0.5F, 0.25F});
  const at::Tensor direction = at::tensor({1.0F, 2.0F, -1.0F});
  for (std::int64_t i = 0; i < steps; ++i) {
    x = s->step(at::tanh(x * 0.5 + direction * (0.1 * static_cast<double>(i + 1))), x);
    const auto& row = expected.size() == 1 ? expected[0] : expected[static_cast<std::size_t>(i)];
    if (expected.size() == 1 && i + 1 < steps) continue;
    for (int k = 0; k < 3; ++k) EXPECT_NEAR(x[k].item<float>(), row[static_cast<std::size_t>(k)], 4e-6) << "step " << i << " value " << k;
  }
}

TEST(UniPc, EqualsTheOfficialScheduler) {
  expect_trajectory(Solver::unipc, Reference::official, 6,
                    {{0.979332507F, -0.498077452F, 0.249038115F},
                     {0.946629107F, -0.510336399F, 0.255199611F},
                     {0.894867659F, -0.544738054F, 0.273000896F},
                     {0.809954345F, -0.612795591F, 0.309811115F},
                     {0.651705444F, -0.758827507F, 0.392312467F},
                     {0.287596911F, -1.0963192F, 0.583813965F}});
  expect_trajectory(Solver::unipc, Reference::official, 2,
                    {{0.910449922F, -0.491669714F, 0.245832264F}, {0.431295723F, -0.619089961F, 0.30992052F}});
  expect_trajectory(Solver::unipc, Reference::official, 1, {{0.463057876F, -0.450051636F, 0.225010216F}});
}

TEST(UniPc, EqualsTheDiffusersScheduler) {
  expect_trajectory(Solver::unipc, Reference::diffusers, 6, {{0.287248403F, -1.09677649F, 0.584123731F}});
}

TEST(DpmPlusPlus, EqualsTheOfficialScheduler) {
  expect_trajectory(Solver::dpmpp, Reference::official, 6,
                    {{0.979344249F, -0.498078525F, 0.249038666F},
                     {0.947992623F, -0.505936444F, 0.252989948F},
                     {0.897332251F, -0.536489844F, 0.268767565F},
                     {0.812591851F, -0.603915334F, 0.305086315F},
                     {0.653834939F, -0.751523077F, 0.388320744F},
                     {0.289258182F, -1.09020817F, 0.580788016F}});
}

TEST(Euler, EqualsTheDiffusersScheduler) {
  expect_trajectory(Solver::euler, Reference::diffusers, 6,
                    {{0.974577665F, -0.497635126F, 0.248816818F},
                     {0.93316865F, -0.508055568F, 0.254056722F},
                     {0.861076236F, -0.545256376F, 0.273201257F},
                     {0.718264818F, -0.646658063F, 0.327214032F},
                     {0.344450563F, -0.963278472F, 0.501414537F},
                     {0.328624845F, -0.978314936F, 0.509611487F}});
}

}  // namespace
}  // namespace wan::sampling
