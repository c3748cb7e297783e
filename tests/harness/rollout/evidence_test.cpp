#include "harness/rollout/evidence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/harness/records.h"
#include "tests/support/harness/rollouts.h"

namespace wan::rollout {
namespace {

using testing::evidence_run;
using ::testing::HasSubstr;
using ::testing::StartsWith;

Finding examine_in(Phase phase, const store::RunRecord& run) { return examine(run, testing::fast_subject(), phase); }

TEST(Evidence, EachPhaseIsHeldByARunOfItsSizeAndNoSmallerOne) {
  const struct {
    Phase phase;
    std::size_t prompts, seeds;
  } kSizes[] = {{Phase::single_prompt, 1, 1}, {Phase::batch, 10, 3}, {Phase::stress, 100, 5}};
  for (const auto& size : kSizes) {
    const Finding held = examine_in(size.phase, evidence_run(size.prompts, size.seeds));
    EXPECT_EQ(held.says, Says::held) << to_string(size.phase) << ": " << held.reason;
    EXPECT_EQ(held.evidence.prompts, static_cast<std::int64_t>(size.prompts));
    EXPECT_EQ(held.evidence.seeds, static_cast<std::int64_t>(size.seeds));
    EXPECT_EQ(held.evidence.build_id, "build");
    EXPECT_EQ(held.evidence.outcome, size.prompts == 1 ? "values_held" : "held");
    if (size.phase == Phase::single_prompt) continue;
    EXPECT_THAT(examine_in(size.phase, evidence_run(size.prompts - 1, size.seeds)).reason, StartsWith("too_small"));
    EXPECT_THAT(examine_in(size.phase, evidence_run(size.prompts, size.seeds - 1)).reason, StartsWith("too_small"));
  }
  EXPECT_EQ(examine_in(Phase::single_prompt, evidence_run(100, 5)).says, Says::held) << "a larger run serves";
}

TEST(Evidence, SizeCountsDistinctPromptsOfAllCategories) {
  store::RunRecord repeated = evidence_run(12, 3);
  for (auto& prompt : repeated.prompts) prompt.text = "a lake";
  EXPECT_THAT(examine_in(Phase::batch, repeated).reason, HasSubstr("1 of 10 prompts"));
  store::RunRecord alike = evidence_run(12, 3);
  for (auto& prompt : alike.prompts)
    if (prompt.category == "edge_cases") prompt.category = "simple_scenes";
  EXPECT_EQ(examine_in(Phase::batch, alike).reason, "not_diverse: no prompt of edge_cases");
}

// One prompt has no interval, so no gate can be held; its values must meet their bounds.
TEST(Evidence, ASinglePromptMustMeetEveryBound) {
  store::RunRecord run = evidence_run(1, 1);
  testing::set_score(testing::candidate(run), "lpips.alex", 0.06);
  const Finding missed = examine_in(Phase::single_prompt, run);
  EXPECT_EQ(missed.says, Says::too_little) << missed.reason;
  run = evidence_run(1, 1);
  run.visits.clear();
  EXPECT_EQ(examine_in(Phase::single_prompt, run).says, Says::too_little) << "nothing is known of its speed";
  run = evidence_run(1, 1);
  std::erase_if(run.visits, [](const auto& visit) { return visit.block > 2; });
  EXPECT_THAT(examine_in(Phase::single_prompt, run).reason, HasSubstr("too_few_blocks")) << "inconclusive is no evidence";
  // Where the phase asks for more, the same inconclusiveness is none.
  store::RunRecord undecided = evidence_run(10, 3);
  std::erase_if(undecided.visits, [](const auto& visit) { return visit.block > 2; });
  EXPECT_EQ(examine_in(Phase::batch, undecided).says, Says::too_little);
}

TEST(Evidence, AFailureCountsWhateverTheSize) {
  store::RunRecord run = evidence_run(2, 1);
  testing::set_score(testing::candidate(run), "ssim.ipol", 0.5);
  Finding finding = examine_in(Phase::stress, run);
  EXPECT_EQ(finding.says, Says::rejected);
  EXPECT_THAT(finding.reason, StartsWith("gate_rejected: quality, roadmap gate: "));
  run = evidence_run(3, 1);
  run.complete = false;
  testing::fail(testing::candidate(run).cells.front(), "oom: 80 GiB");
  EXPECT_EQ(examine_in(Phase::batch, run).says, Says::rejected) << "a crash stands even while clips are to come";
  run = evidence_run(10, 3);
  for (auto* visit : testing::visits(run, "fast")) visit->clip_s = {3.0};
  finding = examine_in(Phase::batch, run);
  EXPECT_EQ(finding.says, Says::rejected);
  EXPECT_THAT(finding.reason, StartsWith("gate_rejected: speed: "));
}

TEST(Evidence, UnfinishedShardsAndInvalidRunsAreNone) {
  store::RunRecord run = evidence_run(10, 3);
  run.complete = false;
  EXPECT_THAT(examine_in(Phase::batch, run).reason, StartsWith("unfinished"));
  run = evidence_run(10, 3);
  run.shard = "1/2";
  EXPECT_THAT(examine_in(Phase::batch, run).reason, StartsWith("shard 1/2"));
  run = evidence_run(10, 3);
  for (auto& visit : run.visits) visit.void_reason = "throttled";
  EXPECT_EQ(examine_in(Phase::batch, run).says, Says::too_little);
}

TEST(Evidence, IsOfTheSameConfigurationModelMachineAndShape) {
  const store::RunRecord run = evidence_run(1, 1);
  const Subject fixed = fixed_by(testing::fast_subject(), run);
  EXPECT_EQ(difference(run, fixed), "");
  EXPECT_EQ(fixed.machine_class, "NVIDIA H200");
  const auto differs = [&](auto change) {
    store::RunRecord other = run;
    change(other);
    EXPECT_EQ(examine(other, fixed, Phase::single_prompt).says, Says::nothing);
    return difference(other, fixed);
  };
  using Run = store::RunRecord;
  EXPECT_THAT(differs([](Run& other) { other.configurations.pop_back(); }), StartsWith("other_configuration"));
  EXPECT_THAT(differs([](Run& other) { testing::candidate(other).configuration.optimizations = {{.id = "fa2"}}; }),
              StartsWith("other_configuration"));
  EXPECT_THAT(differs([](Run& other) { testing::candidate(other).configuration.thresholds.min_ssim = 0; }),
              StartsWith("other_configuration"))
      << "a gate that was loosened by --set";
  EXPECT_THAT(differs([](Run& other) { other.weights_hash = "others"; }), StartsWith("other_weights"));
  EXPECT_THAT(differs([](Run& other) { other.environment.device_name = "NVIDIA H100"; }), StartsWith("other_machine_class"));
  EXPECT_THAT(differs([](Run& other) { other.shape.steps = 8; }), StartsWith("other_shape"));
  store::RunRecord renamed = run;
  renamed.model = "../fake";
  EXPECT_EQ(difference(renamed, fixed), "") << "the weights tell";
  EXPECT_THAT(difference(renamed, testing::fast_subject()), StartsWith("other_model")) << "until they are known, the name does";
  store::RunRecord reworded = run;
  testing::candidate(reworded).configuration.summary = "new words";
  EXPECT_EQ(difference(reworded, fixed), "");
  store::RunRecord as_baseline = run;
  testing::candidate(as_baseline).judged = false;
  EXPECT_THAT(examine(as_baseline, fixed, Phase::single_prompt).reason, StartsWith("not_judged"));
}

}  // namespace
}  // namespace wan::rollout
