#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/error.h"
#include "harness/plan/parse.h"
#include "tests/support/harness/plan_files.h"

namespace wan::plan {
namespace {

using ::testing::ElementsAre;
using testing::fake_known;
using testing::SuitesSandbox;
using testing::usage_error;

std::vector<std::string> ids(const std::vector<Configuration>& list) {
  std::vector<std::string> ids;
  for (const Configuration& configuration : list) ids.push_back(configuration.id);
  return ids;
}

RunInputs with(const SuitesSandbox& files, std::vector<Assignment> assignments) {
  RunInputs inputs = files.inputs();
  inputs.assignments = {{"suite", "small", "--suite"}};
  inputs.assignments.insert(inputs.assignments.end(), assignments.begin(), assignments.end());
  return inputs;
}

TEST(RunConfig, TierBringsItsConfigurationsAndTheBaselinesTheyNeed) {
  const SuitesSandbox files;
  const RunConfig config = load_run_config(with(files, {{"tiers", "2", "--tier"}}), fake_known());
  EXPECT_EQ(config.tier_id, "2");
  EXPECT_EQ(config.tier_title, "Quantisation");
  EXPECT_THAT(ids(config.selected), ElementsAre("fp8_ffn", "int8"));
  EXPECT_THAT(ids(config.baselines), ElementsAre("bf16", "bf16_twin", "phase0"));
  EXPECT_THAT(config.seeds, ElementsAre(42u));
  EXPECT_EQ(config.settings.shape.steps, 10);
}

TEST(RunConfig, SpeedBaselineComesOnlyWithAClaimOfSpeed) {
  const SuitesSandbox files;
  EXPECT_THAT(ids(load_run_config(with(files, {{"configs", "int8"}}), fake_known()).baselines), ElementsAre("bf16", "bf16_twin"));
  EXPECT_THAT(ids(load_run_config(with(files, {{"configs", "bf16"}}), fake_known()).baselines), ElementsAre());
}

TEST(RunConfig, SeveralTiersRunTogether) {
  const SuitesSandbox files;
  const RunConfig config = load_run_config(with(files, {{"tiers", "0,2"}}), fake_known());
  EXPECT_EQ(config.tier_id, "0+2");
  EXPECT_EQ(config.tier_title, "Baselines + Quantisation");
  EXPECT_THAT(ids(config.selected), ElementsAre("bf16", "bf16_twin", "phase0", "fp8_ffn", "int8"));
  EXPECT_THAT(ids(config.baselines), ElementsAre());
}

// Every layer sets `steps`, and each stronger one leaves out one field more, so each field shows who decided.
TEST(RunConfig, StrongerLayersWin) {
  const SuitesSandbox files;
  files.write("tiers/7.toml",
              "schema = 1\nid = \"7\"\n[shape]\nsteps = 20\nwidth = 640\nheight = 352\nframes = 17\n"
              "[thresholds]\nmin_ssim = 0.91\nmax_lpips = 0.2\n"
              "[[configuration]]\nid = \"seven\"\ngate = \"calibrated\"\nthresholds = { max_lpips = 0.3, min_psnr_db = 20 }\n");
  const auto tier_only = with(files, {{"tiers", "7"}});
  auto inputs = tier_only;
  RunConfig config = load_run_config(inputs, fake_known());
  EXPECT_EQ(config.settings.shape, (Shape{.width = 640, .height = 352, .frames = 17, .steps = 20}));
  EXPECT_EQ(config.selected.at(0).gate, GateKind::calibrated);
  EXPECT_EQ(config.selected.at(0).thresholds, (Thresholds{.min_ssim = 0.91, .max_lpips = 0.3, .min_psnr_db = 20}));

  inputs.config_file = files.write("my.toml",
                                   "gate = \"roadmap\"\n[shape]\nsteps = 30\nwidth = 320\nheight = 192\n"
                                   "[thresholds]\nmax_lpips = 0.4\nmin_psnr_db = 25\n");
  config = load_run_config(inputs, fake_known());
  EXPECT_EQ(config.settings.shape, (Shape{.width = 320, .height = 192, .frames = 17, .steps = 30}));
  EXPECT_EQ(config.selected.at(0).gate, GateKind::roadmap);
  EXPECT_EQ(config.selected.at(0).thresholds, (Thresholds{.min_ssim = 0.91, .max_lpips = 0.4, .min_psnr_db = 25}));

  inputs.assignments.push_back({"shape.steps", "40"});
  inputs.assignments.push_back({"shape.width", "160"});
  inputs.assignments.push_back({"thresholds.min_psnr_db", "26.5"});
  inputs.assignments.push_back({"shape.steps", "50", "--steps"});
  config = load_run_config(inputs, fake_known());
  EXPECT_EQ(config.settings.shape, (Shape{.width = 160, .height = 192, .frames = 17, .steps = 50}));
  EXPECT_EQ(config.selected.at(0).thresholds, (Thresholds{.min_ssim = 0.91, .max_lpips = 0.4, .min_psnr_db = 26.5}));
}

TEST(RunConfig, AssignmentsAreReadAsTheTypeOfTheField) {
  const SuitesSandbox files;
  const RunConfig config = load_run_config(with(files, {{"configs", "fp8_ffn,int8"},
                                                        {"seeds", "7,3"},
                                                        {"strict", "true"},
                                                        {"metrics", "psnr.mean,mse"},
                                                        {"device", "cuda:1"},
                                                        {"shape.guidance_low", "3.5"},
                                                        {"shape.solver", "dpm++"},
                                                        {"model", "2"},
                                                        {"threads", "2"}}),
                                           fake_known());
  EXPECT_THAT(config.settings.configs, ElementsAre("fp8_ffn", "int8"));
  EXPECT_THAT(config.seeds, ElementsAre(7u, 3u));
  EXPECT_TRUE(config.settings.strict);
  EXPECT_THAT(config.settings.metrics, ElementsAre("psnr.mean", "mse"));
  EXPECT_EQ(config.settings.device, "cuda:1");
  EXPECT_EQ(config.settings.shape.guidance_low, 3.5);
  EXPECT_EQ(config.settings.shape.solver, "dpm++");
  EXPECT_EQ(config.settings.model, "2");
  EXPECT_EQ(config.settings.threads, 2);
  EXPECT_EQ(config.tier_id, "custom");
}

TEST(RunConfig, SeedsAreTheFirstUnlessAskedFor) {
  const SuitesSandbox files;
  EXPECT_THAT(load_run_config(with(files, {{"tiers", "2"}, {"seeds", "all"}}), fake_known()).seeds, ElementsAre(42u, 123u));
  EXPECT_THAT(load_run_config(with(files, {{"tiers", "2"}, {"seeds", "5"}}), fake_known()).seeds, ElementsAre(5u));
}

TEST(RunConfig, ConfigFileMayDefineConfigurationsAndSelectsThemIfNobodySelectsOthers) {
  const SuitesSandbox files;
  auto inputs = with(files, {});
  inputs.config_file = files.write("my.toml",
                                   "gate = \"calibrated\"\n[thresholds]\nmin_ssim = 0.8\n"
                                   "[[configuration]]\nid = \"mine\"\nbase = \"phase0\"\noptimizations = [\"nan_guard\"]\n"
                                   "thresholds = { min_ssim = 0.7 }\n");
  const RunConfig config = load_run_config(inputs, fake_known());
  EXPECT_THAT(ids(config.selected), ElementsAre("mine"));
  EXPECT_THAT(ids(config.baselines), ElementsAre("bf16", "bf16_twin"));
  EXPECT_EQ(config.selected[0].optimizations.size(), 3u);
  EXPECT_EQ(config.selected[0].gate, GateKind::calibrated);
  EXPECT_EQ(config.selected[0].thresholds.min_ssim, 0.7);
}

TEST(RunConfig, AFaultInAnotherTierIsNotInTheWayOfAConfiguration) {
  const SuitesSandbox files;
  files.write("tiers/1.toml", "schema = 1\nid = \"1\"\n[[configuration]]\nid = \"later\"\noptimizations = [\"fa3\"]\n");
  EXPECT_NO_THROW(load_run_config(with(files, {{"configs", "fp8_ffn"}}), fake_known()));
  EXPECT_EQ(usage_error(files.root(),
                        [&] {
                          load_run_config(with(files, {{"configs", "later"}}), fake_known());
                        })
                .substr(0, 52),
            "tiers/1.toml:5:18: unknown optimisation 'fa3'; did y");
  EXPECT_EQ(list_tiers(files.root(), fake_known()).size(), 2u);
}

TEST(RunConfig, ReportsTheFaultsOfAllFilesAndFlagsAtOnce) {
  const SuitesSandbox files;
  files.write("tiers/2.toml", "schema = 1\nid = \"2\"\n[[configuration]]\nid = \"x\"\noptimizations = [\"tf23\"]\n");
  files.write("prompts/small.toml",
              "schema = 1\nid = \"small\"\nmetrics = [\"psrn\"]\nseeds = [1, 1, -4]\n"
              "[[prompt]]\nid = \"cat\"\ncategory = \"simple\"\ntext = \"  \"\n"
              "[[prompt]]\nid = \"cat\"\ntext = \"A cat\"\n");
  auto inputs =
      with(files, {{"tiers", "2", "--tier"}, {"shape.stepz", "4"}, {"seeds", "4,x"}, {"filter", "cat and", "-k"}, {"a.b.c", "1"}});
  inputs.config_file = files.write("my.toml", "device = \"tpu\"\nmetrics = [\"mse\", \"lpips\"]\nthreads = 1.5\n");
  EXPECT_EQ(usage_error(files.root(), [&] { load_run_config(inputs, fake_known()); }),
            R"(my.toml:1:10: 'device' must be cpu, cuda or cuda:<index>, or several of these with commas, got 'tpu'
my.toml:2:19: unknown metric 'lpips'; there is mse, psnr, psnr.mean, psnr.pooled
my.toml:3:11: 'threads' wants an integer, got 1.5
--set: unknown key 'stepz'; did you mean 'steps'? (in [shape])
--set: 'seeds' wants integers from 0, got 'x'
--set: unknown key 'a'; there is blocks, configs, device, extension, filter, gate, metrics, model, noise_source, order_seed, out, runs_a_visit, seeds, shape, steps_a_visit, strict, suite, teacher_forced, threads, thresholds, tiers
tiers/2.toml:5:18: unknown optimisation 'tf23'; did you mean 'tf32'? this build has bf16_twin, direct_load, fa2, fp8_linear, int8_linear, math_attention, nan_guard, offload_model, reduce_overhead, t5_cpu, tf32, vae_tiling
prompts/small.toml:3:12: unknown metric 'psrn'; did you mean 'psnr'?
prompts/small.toml:4:13: seed 1 stands twice
prompts/small.toml:4:16: 'seeds' wants integers from 0, got -4
prompts/small.toml:8:8: 'prompt.text' must be not blank, got '  '
prompts/small.toml:9:1: 'prompt.category' is missing
prompts/small.toml:10:6: prompt 'cat' stands twice
-k: filter 'cat and', column 8: a word is missing at the end)");
}

TEST(RunConfig, UnknownNamesSayWhatThereIs) {
  const SuitesSandbox files;
  const auto fault = [&](std::vector<Assignment> assignments) {
    return usage_error(files.root(), [&] { load_run_config(with(files, std::move(assignments)), fake_known()); });
  };
  EXPECT_EQ(fault({{"tiers", "9", "--tier"}}), "--tier: unknown tier '9'; did you mean '0'?");
  EXPECT_EQ(fault({{"tiers", "nine", "--tier"}}), "--tier: unknown tier 'nine'; there is 0, 2");
  EXPECT_EQ(fault({{"configs", "fp8_fnf", "--config"}}), "--config: unknown configuration 'fp8_fnf'; did you mean 'fp8_ffn'?");
  EXPECT_EQ(fault({{"tiers", "2"}, {"suite", "large", "--suite"}}), "--suite: unknown suite 'large'; there is small");
  EXPECT_EQ(fault({}), "wan-eval: nothing to run: name a tier with --tier or configurations with --config");
  EXPECT_EQ(fault({{"tiers", "2"}, {"configs", "int8", "--config"}}),
            "--config: name tiers or configurations, not both: a filter chooses within a tier");
}

TEST(RunConfig, TiersOfDifferentShapesNeedADecision) {
  const SuitesSandbox files;
  const std::string body = "\n[[configuration]]\nid = ";
  files.write("tiers/5.toml", "schema = 1\nid = \"5\"\n[shape]\nsteps = 20\nwidth = 640" + body + "\"five\"\n");
  files.write("tiers/6.toml", "schema = 1\nid = \"6\"\n[shape]\nsteps = 30\nwidth = 640" + body + "\"six\"\n");
  EXPECT_EQ(usage_error(files.root(),
                        [&] {
                          load_run_config(with(files, {{"tiers", "5,6"}}), fake_known());
                        }),
            "tiers/6.toml:4:1: 'shape.steps' is 30 here and 20 in tiers/5.toml: run these tiers one by one, or decide with --set "
            "shape.steps=...");
  EXPECT_EQ(load_run_config(with(files, {{"tiers", "5,6"}, {"shape.steps", "4"}}), fake_known()).settings.shape.steps, 4);
}

TEST(RunConfig, SeveralDevicesStandWithCommas) {
  const SuitesSandbox files;
  const auto device = [&](const char* value) {
    return load_run_config(with(files, {{"tiers", "2"}, {"device", value}}), fake_known()).settings.device;
  };
  EXPECT_EQ(device("cuda:0,cuda:1"), "cuda:0,cuda:1");
  EXPECT_EQ(device("cpu,cpu"), "cpu,cpu");
  for (const char* wrong : {"cpu,", ",cpu", "cpu, cpu", "cuda:0;cuda:1", ""}) EXPECT_THROW(device(wrong), UsageError) << wrong;
}

TEST(RunConfig, StepsAVisitAreTheTiersUnlessALayerAboveDecides) {
  const SuitesSandbox files;
  const std::string body = "\n[[configuration]]\nid = ";
  files.write("tiers/5.toml", "schema = 1\nid = \"5\"\nsteps_a_visit = 3" + body + "\"five\"\n");
  files.write("tiers/6.toml", "schema = 1\nid = \"6\"\nsteps_a_visit = 2" + body + "\"six\"\n");
  const auto steps = [&](std::vector<std::pair<std::string, std::string>> assignments, const char* file = "") {
    RunInputs inputs = files.inputs();
    for (auto& [key, value] : assignments) inputs.assignments.push_back({.key = key, .value = value});
    if (*file != 0) inputs.config_file = files.write("my.toml", file);
    return load_run_config(inputs, fake_known()).settings.steps_a_visit;
  };
  EXPECT_EQ(steps({{"tiers", "2"}, {"suite", "small"}}), 0);
  EXPECT_EQ(steps({{"tiers", "5"}, {"suite", "small"}}), 3);
  EXPECT_EQ(steps({{"configs", "five"}, {"suite", "small"}}), 3);
  EXPECT_EQ(steps({{"tiers", "5"}, {"suite", "small"}}, "steps_a_visit = 4\n"), 4);
  EXPECT_EQ(steps({{"tiers", "5"}, {"suite", "small"}, {"steps_a_visit", "0"}}, "steps_a_visit = 4\n"), 0);
  EXPECT_EQ(usage_error(files.root(),
                        [&] {
                          steps({{"tiers", "5,6"}, {"suite", "small"}});
                        }),
            "tiers/6.toml:3:1: 'steps_a_visit' is 2 here and 3 in tiers/5.toml: run these tiers one by one, or decide with --set "
            "steps_a_visit=...");
  EXPECT_EQ(usage_error(files.root(),
                        [&] {
                          steps({{"tiers", "5"}, {"suite", "small"}, {"steps_a_visit", "101"}});
                        }),
            "--set: 'steps_a_visit' must be within [0, 100], got '101'");
}

TEST(RunConfig, AssignmentNeedsAnEqualsSign) {
  EXPECT_EQ(parse_assignment("shape.solver=a=b").value, "a=b");
  EXPECT_THROW(parse_assignment("shape.steps"), UsageError);
  EXPECT_THROW(parse_assignment("=4"), UsageError);
}

TEST(GenerateConfig, LayersAndStacks) {
  const SuitesSandbox files;
  RunInputs inputs = files.inputs();
  EXPECT_EQ(load_generate_config(inputs, fake_known()).settings, GenerateSettings{});
  EXPECT_TRUE(load_generate_config(inputs, fake_known()).configuration.optimizations.empty());
  inputs.config_file =
      files.write("my.toml", "prompt = \"A cat\"\nseed = 7\nconfigs = [\"int8\"]\nnegative_prompt = \"\"\n[shape]\nsteps = 4\n");
  inputs.assignments = {{"configs", "fp8_ffn+int8", "--config"}, {"seed", "8"}};
  const GenerateConfig config = load_generate_config(inputs, fake_known());
  EXPECT_EQ(config.settings.prompt, "A cat");
  EXPECT_EQ(config.settings.negative_prompt, "");
  EXPECT_EQ(config.settings.seed, 8u);
  EXPECT_EQ(config.settings.shape.steps, 4);
  EXPECT_EQ(config.configuration.id, "fp8_ffn+int8");
  inputs.assignments = {{"configs", "fp8_ffn,int8", "--config"}};
  EXPECT_EQ(usage_error(files.root(), [&] { load_generate_config(inputs, fake_known()); }),
            "--config: one configuration at a time; a+b stacks them");
}

}  // namespace
}  // namespace wan::plan
