#include "harness/gate/audit.h"

#include <gtest/gtest.h>

#include "harness/gate/criterion.h"
#include "harness/gate/judge.h"
#include "tests/support/harness/records.h"

namespace wan::gate {
namespace {

using testing::candidate;
using testing::good_run;

// Six prompts of other words each; good_run's all say the same.
store::RunRecord run_of_prompts() {
  store::RunRecord run = good_run();
  for (auto& prompt : run.prompts) prompt.text = "scene " + prompt.id;
  return run;
}

const Criterion* find(const std::vector<Criterion>& criteria, const std::string& name) {
  for (const auto& criterion : criteria)
    if (criterion.name == name) return &criterion;
  return nullptr;
}

Verdict verdict_on(const store::RunRecord& run) {
  for (auto& verdict : judge(run))
    if (verdict.configuration == "fast") return verdict;
  throw std::logic_error("fast");
}

TEST(Audit, TimedStepsNeedThePassesOfTheirPlan) {
  store::RunRecord run = run_of_prompts();
  run.shape.steps = 10;
  run.shape.guidance_low = run.shape.guidance_high = 4.0;
  testing::visit_by_steps(run);
  EXPECT_EQ(find(audit(run, candidate(run)), "timed_forwards")->outcome, Outcome::held);
  testing::visits(run, "fast")[3]->steps->transformer_forwards = 6;
  const auto criteria = audit(run, candidate(run));
  EXPECT_EQ(find(criteria, "timed_forwards")->outcome, Outcome::failed);
  EXPECT_EQ(find(criteria, "timed_forwards")->reason, "forwards_unplanned: 6 for 6 timed steps in block 4, 2 a step are implied");
  testing::visits(run, "fast")[3]->steps->fallbacks = {"a step was redone"};
  EXPECT_EQ(find(audit(run, candidate(run)), "timed_forwards")->outcome, Outcome::held);
}

TEST(Audit, HonestClipsPass) {
  store::RunRecord run = run_of_prompts();
  const auto criteria = audit(run, candidate(run));
  ASSERT_EQ(criteria.size(), 3u);
  for (const auto& criterion : criteria) EXPECT_EQ(criterion.outcome, Outcome::held) << criterion.name;
  EXPECT_EQ(verdict_on(run).overall, Outcome::held);
}

TEST(Audit, OneClipForAllIsRejectedHoweverWellItScores) {
  store::RunRecord run = run_of_prompts();
  for (auto& cell : candidate(run).cells) cell.clip_hash = "one";
  const auto criteria = audit(run, candidate(run));
  EXPECT_EQ(find(criteria, "constant_output")->outcome, Outcome::rejected);
  EXPECT_EQ(find(criteria, "same_prompt_caching"), nullptr) << "once is enough";
  EXPECT_EQ(verdict_on(run).overall, Outcome::rejected);
  EXPECT_NE(verdict_on(run).quality_roadmap.reason.find("constant"), std::string::npos);
}

TEST(Audit, TwoPromptsWithOneClipAreACache) {
  store::RunRecord run = run_of_prompts();
  auto& cells = candidate(run).cells;
  cells[4].clip_hash = cells[1].clip_hash;
  const auto criteria = audit(run, candidate(run));
  EXPECT_EQ(find(criteria, "constant_output")->outcome, Outcome::held);
  EXPECT_EQ(reason_code(find(criteria, "same_prompt_caching")->reason), "cached");
  EXPECT_EQ(verdict_on(run).overall, Outcome::rejected);
  run.prompts[4].text = run.prompts[1].text;
  EXPECT_EQ(find(audit(run, candidate(run)), "same_prompt_caching")->outcome, Outcome::held) << "the same words may give the same clip";
}

TEST(Audit, ASecondSeedWithTheFirstOnesClipIsNoCacheOfPrompts) {
  store::RunRecord run = run_of_prompts();
  auto& cells = candidate(run).cells;
  cells[1].prompt = cells[0].prompt;
  cells[1].seed = 7;
  cells[1].clip_hash = cells[0].clip_hash;
  EXPECT_EQ(find(audit(run, candidate(run)), "same_prompt_caching")->outcome, Outcome::held);
}

TEST(Audit, PassesAreEqualAndAsThePlanImplies) {
  store::RunRecord run = run_of_prompts();
  auto& cells = candidate(run).cells;
  cells[2].transformer_forwards = 19;
  EXPECT_EQ(reason_code(find(audit(run, candidate(run)), "transformer_forwards")->reason), "forwards_differ");
  EXPECT_EQ(verdict_on(run).overall, Outcome::failed);
  cells[2].fallbacks = {"nan_guard: step 3 again"};
  EXPECT_EQ(find(audit(run, candidate(run)), "transformer_forwards")->outcome, Outcome::held);
  run.shape = {.steps = 10, .guidance_low = 3, .guidance_high = 4};
  EXPECT_EQ(find(audit(run, candidate(run)), "transformer_forwards")->bound, 20.0);
  run.shape.steps = 12;
  EXPECT_EQ(reason_code(find(audit(run, candidate(run)), "transformer_forwards")->reason), "forwards_unplanned");
  run.shape.guidance_low = 1;
  EXPECT_EQ(implied_forwards(run.shape, candidate(run).configuration), std::nullopt) << "whether 1.0 skips a pass is the engine's to say";
}

TEST(Audit, NothingToTellByIsNoCriterion) {
  store::RunRecord run = run_of_prompts();
  for (auto& cell : candidate(run).cells) {
    cell.clip_hash.clear();
    cell.transformer_forwards = 0;
  }
  EXPECT_TRUE(audit(run, candidate(run)).empty());
}

}  // namespace
}  // namespace wan::gate
