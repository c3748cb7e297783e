#include "harness/plan/claims.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "harness/plan/parse.h"
#include "tests/support/harness/plan_files.h"

namespace wan::plan {
namespace {

using testing::SuitesSandbox;
using testing::usage_error;

const std::filesystem::path kSuites = std::filesystem::path(WAN_SOURCE_DIR) / "suites";

constexpr const char* kOne = R"(schema = 1
[[claim]]
id = "a"
configuration = "fa3"
text = "faster"
source = "1.1"
figure = "speedup"
unit = "ratio"
low = 1.3
limit = 1.2
limit_why = "because"
)";

TEST(Claims, AreReadWithTheirLimit) {
  const SuitesSandbox files;
  const auto claims = load_claims(files.write("claims.toml", kOne));
  ASSERT_EQ(claims.size(), 1u);
  EXPECT_EQ(claims[0], (Claim{.id = "a",
                              .configuration = "fa3",
                              .text = "faster",
                              .source = "1.1",
                              .figure = "speedup",
                              .unit = "ratio",
                              .low = 1.3,
                              .limit = 1.2,
                              .limit_why = "because"}));
  EXPECT_EQ(subject_of(claims[0]), "fa3");
  EXPECT_EQ(least_promised(claims[0]), 1.3);
  EXPECT_TRUE(is_beyond_limit(claims[0]));
}

TEST(Claims, ThePessimisticEndIsWhatMustBeReached) {
  const Claim time{.tier = "2", .figure = "seconds_per_step", .low = 0.7, .high = 1.5, .limit = 1.0, .limit_why = "x"};
  EXPECT_EQ(subject_of(time), "tier2_all");
  EXPECT_EQ(least_promised(time), 1.5);
  EXPECT_FALSE(is_beyond_limit(time)) << "the weaker end is possible";
  EXPECT_EQ(least_promised({.figure = "speedup", .low = 1.2, .high = 1.4}), 1.2);
  EXPECT_EQ(least_promised({.figure = "memory_gib", .low = 40}), 40);
}

TEST(Claims, EveryFaultOfAFileIsListedWithItsPlace) {
  const SuitesSandbox files;
  const auto path = files.write("claims.toml", R"(schema = 1
colour = "red"
[[claim]]
id = "a"
configuration = "fa3"
tier = "1"
text = " "
source = "1.1"
figure = "speed"
unit = "ratio"
low = 2
high = 1
limt = 3
[[claim]]
id = "a"
text = "x"
source = "y"
figure = "share"
unit = "GiB"
limit = -1
[[claim]]
configuration = "fa3"
low = "much"
)");
  EXPECT_EQ(usage_error(files.root(), [&] { load_claims(path); }),
            R"(claims.toml:2:1: unknown key 'colour'; there is claim, schema
claims.toml:3:1: a claim is about a 'configuration' or a 'tier', one of both
claims.toml:7:8: 'claim.text' must be not blank, got ' '
claims.toml:9:10: 'claim.figure' must be speedup, throughput, seconds_per_step, seconds_per_clip, compile_seconds, memory_gib, share, ssim or break_even_clips, got 'speed'
claims.toml:11:7: 'claim.low' is 2, above 'claim.high', 1
claims.toml:13:1: unknown key 'limt'; did you mean 'limit'? (in [claim])
claims.toml:14:1: a claim is about a 'configuration' or a 'tier', one of both
claims.toml:14:1: a claim needs 'low', 'high' or both
claims.toml:15:6: claim 'a' stands twice
claims.toml:19:8: the unit of 'share' is 'share', got 'GiB'
claims.toml:20:9: 'claim.limit' must be more than 0, got -1
claims.toml:21:1: 'claim.id' is missing
claims.toml:21:1: 'claim.text' is missing
claims.toml:21:1: 'claim.source' is missing
claims.toml:21:1: 'claim.figure' is missing
claims.toml:21:1: 'claim.unit' is missing
claims.toml:21:1: a claim needs 'low', 'high' or both
claims.toml:23:7: 'claim.low' wants a number, got 'much')");
  EXPECT_NE(usage_error(files.root(), [&] { load_claims(files.root() / "gone.toml"); }), "");
  EXPECT_NE(usage_error(files.root(), [&] { load_claims(files.write("b.toml", "claim = 3\n")); }), "");
  EXPECT_NE(usage_error(files.root(), [&] { load_claims(files.write("c.toml", "[[claim]\n")); }), "");
}

// What a tier file claims must be what the roadmap does: the lower end of its range.
TEST(Claims, TheShippedFileHoldsTheRoadmapsTiersAndAgreesWithThem) {
  const auto claims = load_claims(kSuites / "claims.toml");
  EXPECT_GE(claims.size(), 80u);
  for (const char* tier : {"1", "2", "3", "4", "5"})
    EXPECT_TRUE(std::any_of(claims.begin(), claims.end(), [&](const Claim& claim) { return claim.tier == tier; })) << tier;
  const auto find = [&](const std::string& id) {
    return *std::find_if(claims.begin(), claims.end(), [&](const Claim& claim) { return claim.id == id; });
  };
  EXPECT_EQ(find("fp8_ffn_speedup").low, 1.3);
  EXPECT_EQ(find("fp8_full_speedup").low, 1.5);
  EXPECT_EQ(find("int8_weights").high, 0.5);
}

// The arithmetic of the limits, from the model's shapes: 40 layers, width 5120, feed-forward 13824, 512 tokens of text, 21 x 45 x 80
// tokens.
TEST(Claims, TheShippedLimitsFollowFromTheModelsShapes) {
  const auto claims = load_claims(kSuites / "claims.toml");
  const auto limit = [&](const std::string& id) {
    return *std::find_if(claims.begin(), claims.end(), [&](const Claim& claim) { return claim.id == id; })->limit;
  };
  const double tokens = 21.0 * 45 * 80, layers = 40, width = 5120, peak = 989.5e12;
  const double ffn = 4 * width * 13824 * tokens * layers, cross = 4 * width * width * tokens * layers, self = 2 * cross;
  const double attention = 4 * tokens * (tokens + 512) * width * layers, all = ffn + cross + self + attention;
  EXPECT_NEAR(limit("phase0_step"), 2 * all / peak, 0.05);
  EXPECT_NEAR(limit("phase0_clip"), 40 * 2 * all / peak, 0.5);
  EXPECT_NEAR(limit("fast_mode_step"), all / peak, 0.05);
  EXPECT_NEAR(limit("tier2_step"), all / peak, 0.05) << "two forwards at twice the rate";
  EXPECT_NEAR(limit("fp8_ffn_speedup"), 1 / (1 - ffn / all / 2), 0.005);
  EXPECT_NEAR(limit("fp8_ffn_cross_speedup"), 1 / (1 - (ffn + cross) / all / 2), 0.005);
  EXPECT_NEAR(limit("fp8_full_speedup"), 1 / (1 - (ffn + cross + self) / all / 2), 0.005);
  EXPECT_NEAR(limit("fp8_full_step"), 2 * ((ffn + cross + self) / 2 + attention) / peak, 0.05);
  EXPECT_NEAR(limit("fp8_ffn_step"), 2 * (ffn / 2 + cross + self + attention) / peak, 0.05);
  EXPECT_NEAR(limit("fa3_speedup"), 1 / (1 - attention / all / 3), 0.005);
  EXPECT_NEAR(limit("tiers_1_2_break_even"), 15000 / (124 * 3 / 3600.0), 500);
  EXPECT_NEAR(limit("tier3_break_even"), 5000 / (12 * 3 / 3600.0), 500);
  EXPECT_NEAR(limit("tier4_break_even"), 50000 / (18 * 3 / 3600.0), 5000);
}

}  // namespace
}  // namespace wan::plan
