#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "engine/generator.h"
#include "engine/train/world/caption.h"
#include "harness/plan/parse.h"
#include "harness/plan/run_plan.h"
#include "harness/plan/schedule.h"
#include "metrics/scorer.h"

namespace wan::plan {
namespace {

const std::filesystem::path kSuites = std::filesystem::path(WAN_SOURCE_DIR) / "suites";

// The real catalogues: a tier that names what this build lacks must not ship.
Known this_build() { return {.optimizations = list_optimizations(), .metrics = metrics::list_metrics()}; }

RunConfig load(std::vector<Assignment> assignments) {
  return load_run_config({.suites_dir = kSuites, .assignments = std::move(assignments)}, this_build());
}

const Configuration& find(const RunConfig& config, const std::string& id) {
  return *std::find_if(config.selected.begin(), config.selected.end(), [&](const auto& other) { return other.id == id; });
}

TEST(ShippedSuites, AllParse) {
  for (const std::string& id : list_suites(kSuites)) EXPECT_NO_THROW(load_suite(kSuites / "prompts" / (id + ".toml"), this_build())) << id;
}

TEST(ShippedSuites, RoadmapSetsHaveTheirPromptsCategoriesAndSeeds) {
  const Suite twelve = load_suite(kSuites / "prompts/roadmap12.toml", this_build());
  const Suite twenty = load_suite(kSuites / "prompts/roadmap20.toml", this_build());
  const std::vector<std::uint64_t> seeds = {42, 123, 456, 789, 1011};
  EXPECT_EQ(twelve.prompts.size(), 12u);
  EXPECT_EQ(twenty.prompts.size(), 20u);
  EXPECT_EQ(twelve.seeds, seeds);
  EXPECT_EQ(twenty.seeds, seeds);
  std::set<std::string> categories, texts;
  for (const Prompt& prompt : twelve.prompts) categories.insert(prompt.category);
  for (const Prompt& prompt : twenty.prompts) {
    EXPECT_TRUE(categories.contains(prompt.category)) << prompt.id;
    EXPECT_TRUE(texts.insert(prompt.text).second) << prompt.text;
  }
  EXPECT_EQ(categories.size(), 6u);
}

TEST(ShippedSuites, WorldSetsSayWhatTheWorldSaysOfHeldOutScenes) {
  const Suite twelve = load_suite(kSuites / "prompts/world12.toml", this_build());
  const Suite twenty = load_suite(kSuites / "prompts/world20.toml", this_build());
  const Suite hundred = load_suite(kSuites / "prompts/stress100.toml", this_build());
  const Suite roadmap = load_suite(kSuites / "prompts/roadmap12.toml", this_build());
  EXPECT_EQ(twelve.prompts.size(), 12u);
  EXPECT_EQ(twenty.prompts.size(), 20u);
  EXPECT_EQ(hundred.prompts.size(), 100u);
  for (const Suite* suite : {&twelve, &twenty, &hundred}) EXPECT_EQ(suite->seeds, roadmap.seeds);
  std::map<std::string, int> categories, of_roadmap;
  for (const Prompt& prompt : roadmap.prompts) ++of_roadmap[prompt.category];
  for (const Prompt& prompt : twelve.prompts) ++categories[prompt.category];
  EXPECT_EQ(categories, of_roadmap);

  std::set<std::string> texts;
  std::set<world::Motion> motions;
  std::map<std::string, int> of_hundred;
  int combinations = 0;
  for (const Prompt& prompt : hundred.prompts) {  // it extends the twenty, and these the twelve
    EXPECT_TRUE(texts.insert(prompt.text).second) << prompt.text;
    EXPECT_TRUE(categories.contains(prompt.category)) << prompt.id;
    const auto caption = world::read_caption(prompt.text);
    ASSERT_TRUE(caption) << prompt.text;
    EXPECT_TRUE(world::is_clear(caption->scene)) << prompt.text;
    const auto split = world::split_of(caption->scene);
    EXPECT_NE(split, world::Split::train) << prompt.text;
    ++of_hundred[prompt.category];
    combinations += split == world::Split::combinations;
    motions.insert(caption->scene.motion);
  }
  EXPECT_GE(combinations, 45);
  EXPECT_EQ(motions.size(), static_cast<std::size_t>(world::kMotions));
  for (const auto& [category, count] : of_hundred) EXPECT_GE(count, 16) << category;
}

TEST(ShippedTiers, AllParse) {
  const auto tiers = list_tiers(kSuites, this_build());
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kSuites / "tiers")) files += entry.path().extension() == ".toml";
  EXPECT_EQ(tiers.size(), files);
}

// The engine has a rule of its own for what stacks; a plan must not promise what the engine refuses.
TEST(ShippedTiers, EngineAcceptsEveryConfiguration) {
  for (const TierConfig& tier : list_tiers(kSuites, this_build()))
    for (const Configuration& configuration : tier.configurations)
      EXPECT_EQ(check_configuration(configuration.optimizations), "") << configuration.id;
}

TEST(ShippedTiers, DefaultOfTierTwoIsTheDefaultOfTheEvaluation) {
  const RunPlan plan = make_run_plan(load({{"tiers", "2"}}), ModelDefaults{.width = 128, .height = 128, .frames = 17});
  EXPECT_EQ(plan.suite_id, "roadmap12");
  EXPECT_EQ(plan.seeds, std::vector<std::uint64_t>{42});
  EXPECT_EQ(plan.shape.steps, 10);
  EXPECT_EQ(load({{"tiers", "2"}}).settings.steps_a_visit, 0) << "and a small one by clips";
  EXPECT_EQ(plan.cells.size(), 12 * plan.configurations.size());
  EXPECT_EQ(plan.configurations.at(0).configuration.id, "bf16");
  EXPECT_EQ(plan.configurations.at(1).configuration.id, "bf16_twin");
  EXPECT_EQ(plan.configurations.at(2).configuration.id, "phase0");
}

// What its file's arithmetic counts: twelve prompts, one seed, twelve steps, four configurations, six blocks of two clips a visit.
TEST(ShippedTiers, ANightOfTheA14bIsOfTheSizeThatFitsAnHour) {
  for (const char* name : {"nightly_a14b", "nightly-a14b"}) {
    const RunConfig config = load({{"tiers", name}});
    EXPECT_EQ(config.tier_id, "nightly_a14b");
    const RunPlan plan = make_run_plan(config, ModelDefaults{.width = 1280, .height = 720, .frames = 81, .size_multiple = 16});
    EXPECT_EQ(plan.configurations.size(), 4u);
    EXPECT_EQ(plan.cells.size(), 48u);
    EXPECT_EQ(plan.prompts.size(), 12u);
    EXPECT_EQ(plan.shape.width * plan.shape.height, 832 * 480);
    EXPECT_EQ(plan.shape.frames, 49);
    EXPECT_EQ(plan.shape.steps, 12);
    EXPECT_EQ(config.settings.steps_a_visit, 3) << "a large model is timed by steps";
    const Schedule schedule = make_schedule(plan, kFewestBlocks, 1);
    EXPECT_EQ(schedule.visits.size(), 24u);
    for (const Visit& visit : schedule.visits) EXPECT_EQ(visit.cells.size(), 2u);
  }
}

TEST(ShippedTiers, TierTwoHasEveryConfigurationOfTheContract) {
  const RunConfig config = load({{"tiers", "2"}});
  std::set<std::string> ids;
  for (const Configuration& configuration : config.selected) ids.insert(configuration.id);
  EXPECT_EQ(
      ids, (std::set<std::string>{"fp8_ffn", "fp8_ffn_per_channel", "fp8_ffn_cross", "fp8_ffn_cross_per_channel", "fp8_full",
                                  "fp8_full_per_channel", "int8_linear", "int8_linear_w8a8", "int8_linear_conv", "fp8_int8", "tier2_all"}));
  const Configuration phase0 = load({{"configs", "phase0"}}).selected.at(0);
  for (const Configuration& configuration : config.selected) {
    EXPECT_TRUE(std::equal(phase0.optimizations.begin(), phase0.optimizations.end(), configuration.optimizations.begin()))
        << configuration.id;
    EXPECT_EQ(configuration.gate, GateKind::roadmap);
    EXPECT_EQ(configuration.thresholds.min_speedup.has_value(), configuration.id == "tier2_all") << configuration.id;
  }
  EXPECT_EQ(find(config, "tier2_all").thresholds.min_speedup, 2.0);
  EXPECT_EQ(find(config, "int8_linear").benefit, Benefit::memory);
  EXPECT_EQ(find(config, "fp8_ffn").benefit, Benefit::speed);
}

}  // namespace
}  // namespace wan::plan
