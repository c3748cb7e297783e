#include "engine/sampling/schedule.h"

#include <gtest/gtest.h>

#include "engine/base/error.h"

namespace wan::sampling {
namespace {

void expect_sigmas(const Schedule& schedule, const std::vector<double>& expected) {
  ASSERT_EQ(schedule.sigmas.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(schedule.sigmas[i], expected[i], 1e-6) << i;
}

// All expected values: wan.md 6.2 to 6.6, printed by the reference schedulers.
TEST(Schedule, OfficialUniPc) {
  const auto s = make_schedule(Solver::unipc, Reference::official, 6, 5.0);
  expect_sigmas(s, {0.999799848, 0.961316407, 0.908842802, 0.833055377, 0.713979423, 0.499699891, 0});
  EXPECT_EQ(s.timesteps, (std::vector<double>{999, 961, 908, 833, 713, 499}));
  const auto a14b = make_schedule(Solver::unipc, Reference::official, 40, 12.0);
  EXPECT_EQ(a14b.timesteps,
            (std::vector<double>{999, 997, 995, 993, 990, 988, 985, 982, 979, 976, 972, 969, 965, 961, 956, 952, 947, 941, 936, 929,
                                 922, 915, 907, 898, 888, 877, 865, 852, 837, 819, 799, 776, 749, 717, 678, 631, 571, 492, 386, 235}));
}

TEST(Schedule, OfficialDpmPlusPlus) {
  const auto s = make_schedule(Solver::dpmpp, Reference::official, 6, 5.0);
  expect_sigmas(s, {1, 0.961538434, 0.909090936, 0.833333313, 0.714285731, 0.5, 0});
  EXPECT_EQ(s.timesteps, (std::vector<double>{1000, 961, 909, 833, 714, 500}));
}

TEST(Schedule, DiffusersUniPc) {
  const auto s = make_schedule(Solver::unipc, Reference::diffusers, 6, 5.0);
  expect_sigmas(s, {0.999998987, 0.961582839, 0.909214854, 0.833610952, 0.714897275, 0.50149703, 0});
  EXPECT_EQ(s.timesteps.front(), 999);
}

TEST(Schedule, DiffusersEuler) {
  const auto s = make_schedule(Solver::euler, Reference::diffusers, 6, 5.0);
  expect_sigmas(s, {1, 0.952663004, 0.883212507, 0.771430731, 0.561649859, 0.0244140662, 0});
  EXPECT_NEAR(s.timesteps[1], 952.663, 1e-3);
}

TEST(Schedule, OneStepAndBadInput) {
  EXPECT_EQ(make_schedule(Solver::unipc, Reference::official, 1, 5.0).sigmas.size(), 2U);
  EXPECT_THROW(make_schedule(Solver::unipc, Reference::official, 0, 5.0), UsageError);
  EXPECT_THROW(make_schedule(Solver::unipc, Reference::official, 5, 0.0), UsageError);
  EXPECT_THROW(make_schedule(Solver::unipc, Reference::automatic, 5, 1.0), CheckError);
}

}  // namespace
}  // namespace wan::sampling
