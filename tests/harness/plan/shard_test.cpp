#include "harness/plan/shard.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "engine/base/error.h"

namespace wan::plan {
namespace {

RunPlan plan_of(std::size_t prompts, std::size_t seeds) {
  RunPlan plan;
  for (const char* id : {"bf16", "fast"}) plan.configurations.push_back({.configuration = {.id = id}});
  for (std::size_t i = 0; i < prompts; ++i) plan.prompts.push_back({.id = "p" + std::to_string(i), .category = "", .text = ""});
  for (std::size_t i = 0; i < seeds; ++i) plan.seeds.push_back(40 + i);
  for (std::size_t configuration = 0; configuration < 2; ++configuration)
    for (std::size_t prompt = 0; prompt < prompts; ++prompt)
      for (const auto seed : plan.seeds) plan.cells.push_back({.configuration = configuration, .prompt = prompt, .seed = seed});
  return plan;
}

using Clip = std::pair<std::size_t, std::uint64_t>;

std::set<Clip> clips_of(const RunPlan& plan) {
  std::set<Clip> clips;
  for (const auto& cell : plan.cells) clips.emplace(cell.prompt, cell.seed);
  return clips;
}

TEST(Shard, IsParsedStrictly) {
  EXPECT_EQ(parse_shard("2/4"), (Shard{2, 4}));
  EXPECT_EQ(to_string(parse_shard("1/1")), "1/1");
  for (const char* text :
       {"", "2", "/", "2/", "/4", "0/4", "5/4", "-1/4", "1/0", "1/4/2", " 1/4", "1/4 ", "a/4", "1/b", "1/99999999999999999999"})
    EXPECT_THROW(parse_shard(text), UsageError) << text;
}

TEST(Shard, PartsAreDisjointTogetherEverythingAndNeverSplitAPair) {
  const RunPlan plan = plan_of(5, 3);
  for (std::size_t count = 1; count <= 15; ++count) {
    std::size_t cells = 0, most = 0, least = plan.cells.size();
    std::set<Clip> all;
    for (std::size_t i = 1; i <= count; ++i) {
      const RunPlan part = take_shard(plan, {i, count}, {});
      EXPECT_EQ(part.cells.size(), 2 * clips_of(part).size()) << "both configurations of a pair";
      EXPECT_TRUE(std::is_sorted(part.cells.begin(), part.cells.end(), [](const auto& a, const auto& b) {
        return a.configuration < b.configuration;
      })) << "the plan's order stays";
      for (const auto& clip : clips_of(part)) EXPECT_TRUE(all.insert(clip).second);
      cells += part.cells.size();
      most = std::max(most, part.cells.size());
      least = std::min(least, part.cells.size());
    }
    EXPECT_EQ(cells, plan.cells.size());
    EXPECT_EQ(all, clips_of(plan));
    EXPECT_LE(most - least, 2u) << "equal costs, equal parts";
  }
  EXPECT_THROW(take_shard(plan, {1, 16}, {}), UsageError) << "an empty shard";
}

TEST(Shard, LongestGoFirstToTheLeastLoaded) {
  RunPlan plan = plan_of(4, 1);  // of p0 the candidate is wanted too, of the others the baseline alone
  std::erase_if(plan.cells, [](const PlannedCell& cell) { return cell.configuration == 1 && cell.prompt != 0; });
  const Costs costs{.load_s = {}, .clip_s = {{"bf16", 1.0}, {"fast", 2.0}}};  // p0 takes 3, the others 1 each
  EXPECT_EQ(clips_of(take_shard(plan, {1, 2}, costs)), (std::set<Clip>{{0, 40}}));
  EXPECT_EQ(clips_of(take_shard(plan, {2, 2}, costs)), (std::set<Clip>{{1, 40}, {2, 40}, {3, 40}}));
}

TEST(Shard, CellThatIsDrivenAlongATrajectoryCountsTwice) {
  RunPlan plan = plan_of(5, 1);
  for (auto& configuration : plan.configurations) configuration.configuration.quality_baseline = "bf16";
  for (auto& cell : plan.cells) cell.teacher_forced = cell.prompt == 4;
  const Costs costs{.load_s = {}, .clip_s = {{"bf16", 1.0}, {"fast", 3.0}}};  // p4 takes 7, the others 4
  EXPECT_EQ(clips_of(take_shard(plan, {1, 2}, costs)), (std::set<Clip>{{4, 40}, {2, 40}}));
}

}  // namespace
}  // namespace wan::plan
