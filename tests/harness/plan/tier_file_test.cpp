#include <gtest/gtest.h>

#include "harness/plan/parse.h"
#include "tests/support/harness/plan_files.h"

namespace wan::plan {
namespace {

using testing::fake_known;
using testing::SuitesSandbox;
using testing::usage_error;

TEST(TierFile, ReadsEveryFieldAndPutsTheBaseFirst) {
  const SuitesSandbox files;
  const auto path = files.write("tiers/9.toml", R"(schema = 1
id = "9"
title = "Nine"
base = "phase0"
gate = "calibrated"
[shape]
width = 640
frames = 17
solver = "euler"
guidance_high = 3
[thresholds]
min_ssim = 0.9
min_speedup = 1.5
[[configuration]]
id = "mine"
summary = "one"
optimizations = [{ id = "vae_tiling", tile = 64, blend = 1 }]
benefit = "memory"
claim = 0.25
[configuration.thresholds]
min_speedup = 3
[[configuration]]
id = "bare"
base = ""
gate = "roadmap"
)");
  const TierConfig tier = load_tier(path, fake_known());
  EXPECT_EQ(tier.id, "9");
  EXPECT_EQ(tier.title, "Nine");
  EXPECT_EQ(tier.shape, (Shape{.width = 640, .frames = 17, .solver = "euler", .guidance_high = 3.0}));
  ASSERT_EQ(tier.configurations.size(), 2u);
  const Configuration& mine = tier.configurations[0];
  EXPECT_EQ(mine.id, "mine");
  EXPECT_EQ(mine.summary, "one");
  EXPECT_EQ(mine.benefit, Benefit::memory);
  EXPECT_EQ(mine.claim, 0.25);
  EXPECT_EQ(mine.gate, GateKind::calibrated);
  EXPECT_EQ(mine.thresholds.min_ssim, 0.9);
  EXPECT_EQ(mine.thresholds.max_lpips, Thresholds{}.max_lpips);
  EXPECT_EQ(mine.thresholds.min_speedup, 3.0);
  // The integer 1 became a number, since the parameter is one, and the list starts with phase0's.
  const Parameters tiling = {{"tile", std::int64_t{64}}, {"blend", 1.0}};
  EXPECT_EQ(mine.optimizations, (std::vector<OptimizationChoice>{{"fa2", {}}, {"tf32", {}}, {"vae_tiling", tiling}}));
  EXPECT_TRUE(tier.configurations[1].optimizations.empty());
  EXPECT_EQ(tier.configurations[1].gate, GateKind::roadmap);
}

TEST(TierFile, ListsEveryFaultWithItsPlace) {
  const SuitesSandbox files;
  const auto path = files.write("tiers/9.toml", R"(schema = 2
id = "nine"
titel = "x"
gate = "strict"
base = "phase1"
[shape]
widht = 640
frames = 16
steps = "ten"
shift = inf
[thresholds]
max_artifact_share = 1.5
levels = { max_lpips = "warning", min_sim = "off", min_ssim = true }
[[configuration]]
summary = 3
[[configuration]]
id = "Bad Id"
optimizations = ["fp9_linear", { scope = "ffn" }, 7, "tf32", "tf32", "fa3_of_another_build"]
[[configuration]]
id = "c"
base = ""
optimizations = [{ id = "fp8_linear", scop = "ffn", granularity = "per_row" }, { id = "vae_tiling", tile = 1000 }]
quality_baseline = "bf61"
claim = -1
guidance = 1.0
optimisations = []
)");
  EXPECT_EQ(usage_error(files.root(), [&] { load_tier(path, fake_known()); }),
            R"(tiers/9.toml:1:10: 'schema' must be 1, got 2
tiers/9.toml:2:6: 'id' must be '9', the file's name, got 'nine'
tiers/9.toml:3:1: unknown key 'titel'; did you mean 'title'?
tiers/9.toml:4:8: 'gate' wants roadmap or calibrated, got 'strict'
tiers/9.toml:7:1: unknown key 'widht'; did you mean 'width'? (in [shape])
tiers/9.toml:8:10: 'shape.frames' must be 4k + 1, or 0 for the model's default, got 16
tiers/9.toml:9:9: 'shape.steps' wants an integer, got 'ten'
tiers/9.toml:10:9: 'shape.shift' wants a finite number, got inf
tiers/9.toml:12:22: 'thresholds.max_artifact_share' must be within [0, 1], got 1.5
tiers/9.toml:13:24: 'thresholds.levels.max_lpips' wants off, warn or error, got 'warning'
tiers/9.toml:13:35: unknown key 'min_sim'; did you mean 'min_ssim'? (in [thresholds.levels])
tiers/9.toml:13:63: 'thresholds.levels.min_ssim' wants off, warn or error, got true
tiers/9.toml:14:1: 'configuration.id' is missing
tiers/9.toml:15:11: 'configuration.summary' wants text, got 3
tiers/9.toml:17:6: 'configuration.id' must be lower-case letters, digits and underscores, got 'Bad Id'
tiers/9.toml:18:18: unknown optimisation 'fp9_linear'; did you mean 'fp8_linear'? this build has bf16_twin, direct_load, fa2, fp8_linear, int8_linear, math_attention, nan_guard, offload_model, reduce_overhead, t5_cpu, tf32, vae_tiling
tiers/9.toml:18:32: an optimisation needs an 'id'
tiers/9.toml:18:51: an optimisation is an id or { id = "...", parameter = value }, got 7
tiers/9.toml:18:62: optimisation 'tf32' stands twice
tiers/9.toml:18:70: unknown optimisation 'fa3_of_another_build'; this build has bf16_twin, direct_load, fa2, fp8_linear, int8_linear, math_attention, nan_guard, offload_model, reduce_overhead, t5_cpu, tf32, vae_tiling
tiers/9.toml:20:6: 'c' and 'bf16_twin' are compared clip by clip, so their guidance must be the same
tiers/9.toml:22:39: fp8_linear: unknown parameter 'scop'; did you mean 'scope'?
tiers/9.toml:22:53: fp8_linear: 'granularity' must be one of per_tensor, per_channel, got 'per_row'
tiers/9.toml:22:101: vae_tiling: 'tile' must lie in [8, 256], got 1000
tiers/9.toml:23:20: unknown configuration 'bf61'; did you mean 'bf16'?
tiers/9.toml:24:9: 'configuration.claim' must be more than 0, got -1
tiers/9.toml:26:1: unknown key 'optimisations'; did you mean 'optimizations'? (in [configuration]))");
}

TEST(TierFile, SyntaxErrorHasItsPlaceAndOtherFilesAreStillChecked) {
  const SuitesSandbox files;
  files.write("tiers/0.toml", "schema = 1\nid = \"0\"\nbase =\n");
  const auto path = files.write("tiers/9.toml", "schema = 1\nid = \"8\"\n");
  const std::string text = usage_error(files.root(), [&] { load_tier(path, fake_known()); });
  EXPECT_NE(text.find("tiers/9.toml:2:6: 'id' must be '9'"), std::string::npos) << text;
  EXPECT_NE(text.find("tiers/9.toml:1:1: a tier needs at least one [[configuration]]"), std::string::npos) << text;
  EXPECT_NE(text.find("tiers/0.toml:3:"), std::string::npos) << text;
}

TEST(TierFile, WrongKindsOfValuesAreFaultsNotCrashes) {
  const SuitesSandbox files;
  for (const char* body : {"shape = 3", "thresholds = []", "configuration = 1", "configuration = [1, 2]", "id = 1979-05-27", "gate = {}",
                           "[[configuration]]\nid = \"a\"\noptimizations = \"tf32\"", "[[configuration]]\nid = [\"a\"]",
                           "[[configuration]]\nid = \"a\"\noptimizations = [{ id = \"tf32\", x = [1] }]",
                           "[[configuration]]\nid = \"a\"\noptimizations = [{ id = 3 }]", "[[configuration]]\nid = \"a\"\nthresholds = 1",
                           "[thresholds]\nlevels = \"warn\"", "[thresholds.levels]\nmax_lpips = [\"warn\"]"}) {
    const auto path = files.write("tiers/9.toml", body);
    EXPECT_NE(usage_error(files.root(), [&] { load_tier(path, fake_known()); }), "") << body;
  }
}

TEST(TierFile, MissingFileAndFolderSaySo) {
  const SuitesSandbox files;
  EXPECT_EQ(usage_error(files.root(), [&] { load_tier(files.root() / "tiers/7.toml", fake_known()); }).substr(0, 30),
            "tiers/7.toml: cannot be read: ");
  std::filesystem::create_directory(files.root() / "tiers/6.toml");
  EXPECT_EQ(usage_error(files.root(), [&] { load_tier(files.root() / "tiers/6.toml", fake_known()); }).substr(0, 40),
            "tiers/6.toml: is a folder, not a TOML fi");
}

TEST(TierFile, LevelsOfATierAreChangedByAConfigurationsOwn) {
  const SuitesSandbox files;
  const auto path = files.write("tiers/9.toml", R"(schema = 1
id = "9"
[thresholds.levels]
max_lpips = "warn"
claim = "off"
[[configuration]]
id = "a"
[[configuration]]
id = "b"
thresholds = { levels = { max_lpips = "error", crashes = "warn" } }
)");
  const auto tier = load_tier(path, fake_known());
  EXPECT_EQ(tier.configurations.at(0).thresholds.levels, (Levels{.max_lpips = Level::warn, .claim = Level::off}));
  EXPECT_EQ(tier.configurations.at(1).thresholds.levels, (Levels{.claim = Level::off, .crashes = Level::warn}));
}

}  // namespace
}  // namespace wan::plan
