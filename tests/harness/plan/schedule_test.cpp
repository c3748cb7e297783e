#include "harness/plan/schedule.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "engine/base/error.h"
#include "tests/support/harness/fake_executor.h"

namespace wan::plan {
namespace {

using testing::small_plan;

TEST(WilliamsDesign, EachTreatmentFollowsEachOtherEquallyOften) {
  for (std::size_t n = 2; n <= 15; ++n) {
    const auto rows = williams_design(n);
    EXPECT_EQ(rows.size(), n % 2 == 0 ? n : 2 * n);
    std::map<std::pair<std::size_t, std::size_t>, int> follows;
    std::vector<std::map<std::size_t, int>> at(n);
    for (const auto& row : rows) {
      EXPECT_EQ(std::set(row.begin(), row.end()).size(), n);
      for (std::size_t i = 0; i < n; ++i) ++at[i][row[i]];
      for (std::size_t i = 1; i < n; ++i) ++follows[{row[i - 1], row[i]}];
    }
    EXPECT_EQ(follows.size(), n * (n - 1));
    for (const auto& [pair, times] : follows) EXPECT_EQ(times, n % 2 == 0 ? 1 : 2) << n;
    for (const auto& place : at) {
      EXPECT_EQ(place.size(), n) << "each stands at each place";
      for (const auto& [treatment, times] : place) EXPECT_EQ(times, n % 2 == 0 ? 1 : 2);
    }
  }
  EXPECT_EQ(williams_design(1), (std::vector<std::vector<std::size_t>>{{0}}));
  EXPECT_TRUE(williams_design(0).empty());
}

TEST(Schedule, EveryBlockVisitsEveryConfigurationOnceAndEveryCellIsMadeOnce) {
  const RunPlan plan = small_plan(30);
  const Schedule schedule = make_schedule(plan, 0, 3);
  EXPECT_EQ(schedule.blocks, kBlocks);
  ASSERT_EQ(schedule.visits.size(), 3 * kBlocks);
  std::set<std::size_t> cells;
  for (std::size_t i = 0; i < schedule.visits.size(); ++i) {
    const Visit& visit = schedule.visits[i];
    EXPECT_EQ(visit.block, i / 3);
    EXPECT_GE(visit.cells.size(), 2U);
    EXPECT_LE(visit.cells.size(), 3U);
    for (const std::size_t cell : visit.cells) {
      EXPECT_EQ(plan.cells[cell].configuration, visit.configuration);
      EXPECT_TRUE(cells.insert(cell).second);
      EXPECT_EQ(plan.cells[cell].prompt * kBlocks / 30, visit.block) << "the same clips for all of a block";
    }
  }
  EXPECT_EQ(cells.size(), plan.cells.size());
}

TEST(Schedule, FewerClipsAreFewerBlocksUnlessMoreAreAskedFor) {
  const RunPlan plan = small_plan(3);
  EXPECT_EQ(make_schedule(plan, 0, 1).blocks, 3U);
  const Schedule more = make_schedule(plan, 7, 1);
  EXPECT_EQ(more.visits.size(), 21U);
  for (const Visit& visit : more.visits) {
    ASSERT_EQ(visit.cells.size(), 1U);
    EXPECT_EQ(plan.cells[visit.cells.front()].prompt, visit.block % 3);
  }
}

TEST(Schedule, SeedDecidesTheOrderAndTwoAlternate) {
  const RunPlan plan = small_plan(12);
  EXPECT_EQ(make_schedule(plan, 0, 5).visits, make_schedule(plan, 0, 5).visits);
  EXPECT_NE(make_schedule(plan, 0, 5).visits, make_schedule(plan, 0, 6).visits);
  RunPlan two = plan;
  two.configurations.pop_back();
  std::erase_if(two.cells, [](const PlannedCell& cell) { return cell.configuration == 2; });
  std::set<std::size_t> first;
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    const auto visits = make_schedule(two, 0, seed).visits;
    first.insert(visits.front().configuration);
    for (std::size_t i = 2; i < visits.size(); ++i) EXPECT_EQ(visits[i].configuration == visits[i - 1].configuration, i % 2 == 0);
  }
  EXPECT_EQ(first.size(), 2U);
}

TEST(Schedule, FilteredConfigurationHasNoVisitWhereItHasNoClips) {
  RunPlan plan = small_plan(6);
  std::erase_if(plan.cells, [](const PlannedCell& cell) { return cell.configuration == 2 && cell.prompt != 4; });
  std::size_t visits = 0;
  for (const Visit& visit : make_schedule(plan, 0, 1).visits) visits += visit.configuration == 2;
  EXPECT_EQ(visits, 1U);
  plan.cells.clear();
  EXPECT_TRUE(make_schedule(plan, 0, 1).visits.empty());
}

TEST(Schedule, InPlanOrderIsOneBlockConfigurationByConfiguration) {
  const Schedule schedule = in_plan_order(small_plan(4));
  ASSERT_EQ(schedule.visits.size(), 3U);
  EXPECT_EQ(schedule.visits[1], (Visit{.block = 0, .configuration = 1, .cells = {4, 5, 6, 7}}));
}

TEST(Schedule, AnExtensionMakesTheClipsOfItsBlocksAgainForSomeConfigurations) {
  const RunPlan plan = small_plan(9);
  Schedule first = make_schedule(plan, 9, 5);
  EXPECT_EQ(first.extension, 0U);
  ASSERT_TRUE(register_extension(first));
  EXPECT_EQ(first.extension, 9U);
  const Schedule both = extended(first, {1, 2});
  EXPECT_EQ(both.blocks, 18U);
  ASSERT_EQ(both.visits.size(), first.visits.size() + 2 * 9);
  EXPECT_TRUE(std::equal(first.visits.begin(), first.visits.end(), both.visits.begin())) << "what is planned stays";
  std::set<std::size_t> goes_first;
  for (std::size_t i = first.visits.size(); i < both.visits.size(); ++i) {
    const Visit& visit = both.visits[i];
    EXPECT_EQ(visit.block, 9 + (i - first.visits.size()) / 2);
    EXPECT_NE(visit.configuration, 0U);
    if ((i - first.visits.size()) % 2 == 0) goes_first.insert(visit.configuration);
    const auto planned = std::find_if(first.visits.begin(), first.visits.end(), [&](const Visit& other) {
      return other.block + 9 == visit.block && other.configuration == visit.configuration;
    });
    ASSERT_NE(planned, first.visits.end());
    EXPECT_EQ(visit.cells, planned->cells);
  }
  EXPECT_EQ(goes_first.size(), 2U) << "two alternate";
  EXPECT_EQ(extended(first, {1, 2}).visits, both.visits);
}

TEST(Schedule, TimedStepsAreOfTheFirstClipThatAllConfigurationsHave) {
  RunPlan plan = small_plan(3);
  EXPECT_EQ(cells_of_timed_steps(plan), (std::vector<std::size_t>{0, 3, 6}));
  std::erase_if(plan.cells, [](const PlannedCell& cell) { return cell.configuration == 2 && cell.prompt == 0; });
  EXPECT_EQ(cells_of_timed_steps(plan), (std::vector<std::size_t>{1, 4, 6}));
  std::erase_if(plan.cells, [](const PlannedCell& cell) { return cell.configuration == 1 && cell.prompt != 0; });
  EXPECT_EQ(cells_of_timed_steps(plan), (std::vector<std::size_t>{0, 3, 4})) << "nothing in common: each its own first";
}

TEST(Schedule, BesideTimedStepsClipsAreMadeOnce) {
  const RunPlan plan = small_plan(7);
  Schedule schedule = make_schedule(plan, 14, 5);
  schedule.steps_a_visit = 1;
  schedule.runs_a_visit = 2;
  register_extension(schedule);
  const Costs costs{.load_s = {}, .clip_s = {{"phase0", 60}, {"fast", 30}}, .steps_s = {{"phase0", 15}, {"fast", 9}}};
  const std::string text = describe(plan, schedule, costs);
  EXPECT_NE(text.find("each timing 1 denoising step of each expert 2 times; clips are made once, for their quality"), std::string::npos)
      << text;
  EXPECT_NE(text.find("14.0 min"), std::string::npos) << "phase0: 7 clips and 28 timings: " << text;
  EXPECT_NE(text.find("14 blocks and 11.2 min more"), std::string::npos) << "28 timings of each: " << text;
  const std::string guessed = describe(plan, schedule, {.load_s = {}, .clip_s = {{"phase0", 60}, {"fast", 30}}});
  EXPECT_NE(guessed.find("21.0 min"), std::string::npos) << "two of a clip's four steps: half of it: " << guessed;
}

TEST(Schedule, AnExtensionNeedsSevenBlocks) {
  const RunPlan plan = small_plan(9);
  Schedule six = make_schedule(plan, 6, 5);
  EXPECT_FALSE(register_extension(six));
  EXPECT_EQ(six.extension, 0U);
  EXPECT_THROW(extended(six, {1}), CheckError);
  Schedule seven = make_schedule(plan, 7, 5);
  EXPECT_TRUE(register_extension(seven));
  const std::string text = describe(plan, seven, {.load_s = {}, .clip_s = {{"phase0", 60}, {"fast", 30}}});
  EXPECT_NE(text.find("extension: up to 7 blocks and 13.5 min more, for configurations whose speed these 7 leave open and their baselines"),
            std::string::npos)
      << text;
}

}  // namespace
}  // namespace wan::plan
