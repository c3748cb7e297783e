#include "harness/rollout/flags.h"

#include <gtest/gtest.h>

#include "tests/support/harness/plan_files.h"
#include "tests/support/harness/rollouts.h"
#include "tests/support/usage_error.h"

namespace wan::rollout {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

FeatureFlags parse(const std::string& text) { return parse_flags(text, "flags.toml", testing::fake_known()); }

FeatureFlags two_flags() {
  return {.flags = {{.configuration = "fast",
                     .enabled = true,
                     .phase = "production",
                     .since = "2026-01-31T00:00:00Z",
                     .optimizations = {{.id = "tf32"}}},
                    {.configuration = "fp8",
                     .enabled = false,
                     .phase = "rolled_back",
                     .since = "2026-02-01T00:00:00Z",
                     .reason = "gate_failed: a \"quote\", a \\, a tab\t, a line\n and \x7f; § 5",
                     .guidance = 1.0,
                     .optimizations = parse(R"(schema = 1
[[flag]]
configuration = "x"
enabled = false
phase = "batch"
since = ""
optimizations = ["fa2", { id = "fp8_linear", scope = "ffn" }]
)")
                                          .flags.front()
                                          .optimizations}}};
}

TEST(Flags, ReadWhatIsWritten) {
  const FeatureFlags flags = two_flags();
  ASSERT_GT(flags.flags[1].optimizations[1].parameters.size(), 1u) << "defaults are written out: they may change";
  EXPECT_EQ(parse(to_toml(flags)), flags) << to_toml(flags);
  EXPECT_EQ(parse(to_toml({})), FeatureFlags{});
}

TEST(Flags, TheLastOneThatIsOnIsServed) {
  FeatureFlags flags = two_flags();
  EXPECT_EQ(flags.served()->configuration, "fast");
  flags.flags[1].enabled = true;
  EXPECT_EQ(flags.served()->configuration, "fp8");
  flags.flags[0].enabled = flags.flags[1].enabled = false;
  EXPECT_EQ(flags.served(), nullptr);
}

TEST(Flags, FaultsNameTheirPlaceAllAtOnce) {
  EXPECT_USAGE_ERROR(parse("schema = 1\n[[flag]\n"), HasSubstr("flags.toml:2:"));
  EXPECT_USAGE_ERROR(parse(""), HasSubstr("'schema' is missing"));
  EXPECT_USAGE_ERROR(parse("schema = 2"), HasSubstr("flags.toml:1:10: 'schema' must be 1"));
  EXPECT_USAGE_ERROR(parse("schema = 1\nflag = 3"), HasSubstr("[[flag]]"));
  EXPECT_USAGE_ERROR(
      parse(R"(schema = 1
flags = []
[[flag]]
configuration = "a"
enabled = "yes"
phase = "beta"
since = 3
guidance = -1
optimizations = [{ id = "fp8_linear", scope = "all" }, "fa4"]
extra = 1
[[flag]]
configuration = "a"
enabled = true
phase = "batch"
since = ""
)"),
      AllOf(HasSubstr("flags.toml:2:1: unknown key 'flags'; did you mean 'flag'?"), HasSubstr("flags.toml:5:11: 'flag.enabled'"),
            HasSubstr("flags.toml:6:9: 'flag.phase'"), HasSubstr("rolled_back"), HasSubstr("flags.toml:7:9: 'flag.since'"),
            HasSubstr("flags.toml:8:12: 'flag.guidance'"), HasSubstr("flags.toml:9:"), HasSubstr("unknown optimisation 'fa4'"),
            HasSubstr("flags.toml:10:1: unknown key 'extra'"), HasSubstr("flag 'a' stands twice"),
            HasSubstr("'flag.optimizations' is missing")));
  EXPECT_USAGE_ERROR(read_flags("/nowhere/flags.toml", testing::fake_known()), HasSubstr("/nowhere/flags.toml: cannot be read"));
}

// fast and fp8 in production in this order, slow in its first phase.
State three_rollouts() {
  State state;
  for (const char* id : {"fast", "slow", "fp8"}) {
    Rollout rollout{.subject = testing::fast_subject(), .phase = Phase::production, .since = "now"};
    rollout.subject.configuration.id = id;
    if (id == std::string("slow")) rollout.phase = Phase::single_prompt;
    state.rollouts.push_back(rollout);
  }
  state.served = {"fp8", "fast"};
  return state;
}

TEST(Flags, FollowTheStateAndAreSwitchedOnByNameAlone) {
  const State state = three_rollouts();
  FeatureFlags flags = flags_of(state, {});
  ASSERT_EQ(flags.flags.size(), 3u);
  EXPECT_EQ(flags.flags[0].configuration, "slow");
  EXPECT_EQ(flags.flags[1].configuration, "fp8") << "in the order in which they reached production";
  EXPECT_EQ(flags.flags[2].configuration, "fast");
  EXPECT_EQ(flags.served(), nullptr) << "nothing is switched on by the way";
  flags = flags_of(state, flags, "fast");
  EXPECT_EQ(flags.served()->configuration, "fast");
  flags = flags_of(state, flags, "fp8");
  EXPECT_TRUE(flags.find("fp8")->enabled);
  EXPECT_EQ(flags.served()->configuration, "fast");
  flags = flags_of(state, flags, "slow");
  EXPECT_FALSE(flags.find("slow")->enabled) << "it is not in production, whoever asks";
  FeatureFlags by_hand = flags;
  by_hand.flags[2].enabled = false;
  EXPECT_EQ(flags_of(state, by_hand).served()->configuration, "fp8") << "what a person switched off stays off";
  by_hand.flags[0].enabled = true;
  EXPECT_FALSE(flags_of(state, by_hand).find("slow")->enabled) << "and what the state says is off goes off";
}

TEST(Flags, PlaceIsRelativeInsideTheStore) {
  EXPECT_EQ(flags_place("runs", "runs/flags.toml"), "flags.toml");
  EXPECT_EQ(flags_place("runs", "runs/../runs/a/b.toml"), "a/b.toml");
  EXPECT_EQ(flags_place("runs", "elsewhere/flags.toml"), (std::filesystem::current_path() / "elsewhere/flags.toml").string());
  EXPECT_EQ(flags_path("runs", {.flags_file = "flags.toml"}), "runs/flags.toml");
  EXPECT_EQ(flags_path("runs", {.flags_file = "/x/flags.toml"}), "/x/flags.toml");
}

}  // namespace
}  // namespace wan::rollout
