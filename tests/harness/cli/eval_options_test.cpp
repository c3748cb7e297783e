#include "harness/cli/eval_options.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/base/error.h"

namespace wan::cli {
namespace {

Command parse(std::vector<std::string> words) {
  words.insert(words.begin(), "wan-eval");
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  return parse_command_line(static_cast<int>(arguments.size()), arguments.data());
}

std::string value_of(const RunOptions& options, const std::string& key) {
  std::string value = "(absent)";
  for (const auto& assignment : options.assignments)
    if (assignment.key == key) value = assignment.value;
  return value;
}

TEST(EvalOptions, RunIsTheDefaultCommand) {
  for (const auto& words : {std::vector<std::string>{"--tier", "2"}, {"run", "--tier", "2"}}) {
    const Command command = parse(words);
    ASSERT_TRUE(std::holds_alternative<RunOptions>(command));
    EXPECT_EQ(value_of(std::get<RunOptions>(command), "tiers"), "2");
  }
  EXPECT_TRUE(std::holds_alternative<RunOptions>(parse({}))) << "which then says what it needs";
}

TEST(EvalOptions, FlagsBecomeAssignmentsBehindSet) {
  const auto options =
      std::get<RunOptions>(parse({"--tier",   "0",         "--set",   "shape.steps=4", "--tier",   "2",           "--suite", "smoke",
                                  "--suite",  "roadmap20", "--model", "dir",           "--seeds",  "1,2",         "-k",      "not p1",
                                  "--device", "cuda:1",    "--out",   "there",         "--strict", "--extension", "-c",      "x.toml"}));
  EXPECT_EQ(options.assignments.front().key, "shape.steps");
  EXPECT_EQ(value_of(options, "tiers"), "0,2");
  EXPECT_EQ(value_of(options, "suite"), "roadmap20") << "the last one counts";
  EXPECT_EQ(value_of(options, "model"), "dir");
  EXPECT_EQ(value_of(options, "seeds"), "1,2");
  EXPECT_EQ(value_of(options, "filter"), "not p1");
  EXPECT_EQ(value_of(options, "device"), "cuda:1");
  EXPECT_EQ(value_of(options, "out"), "there");
  EXPECT_EQ(value_of(options, "strict"), "true");
  EXPECT_EQ(value_of(options, "extension"), "true");
  EXPECT_EQ(options.config_file, "x.toml");
  const auto filter =
      std::find_if(options.assignments.begin(), options.assignments.end(), [](const auto& one) { return one.key == "filter"; });
  EXPECT_EQ(filter->origin, "-k");
}

TEST(EvalOptions, BenchmarkIsARunOfBlocks) {
  const auto options = std::get<BenchmarkOptions>(parse({"benchmark", "--ckpt_dir", "dir", "--mode", "baseline", "--num_runs", "3"}));
  EXPECT_EQ(options.mode, "baseline");
  EXPECT_EQ(value_of(options.run, "blocks"), "3");
  EXPECT_EQ(value_of(options.run, "model"), "dir");
  EXPECT_NE(options.run.command.find("benchmark --ckpt_dir"), std::string::npos);
  const auto tier = [](const char* id, std::vector<plan::Configuration> configurations) {
    return plan::TierConfig{.id = id, .configurations = std::move(configurations)};
  };
  const std::vector<plan::TierConfig> tiers{tier("0", {{.id = "bf16"}}), tier("1", {{.id = "tier1_all"}}),
                                            tier("2", {{.id = "tier2_all"}, {.id = "x"}})};
  EXPECT_EQ(benchmark_configuration("baseline", tiers), "phase0");
  EXPECT_EQ(benchmark_configuration("optimized", tiers), "tier2_all");
  EXPECT_THROW(benchmark_configuration("optimized", {}), UsageError);
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"benchmark"}, {"benchmark", "--mode", "fast", "--num_runs", "3"}, {"benchmark", "--mode", "baseline", "--num_runs", "0"}})
    EXPECT_THROW(parse(words), UsageError);
}

TEST(EvalOptions, BaselineHasActions) {
  const auto propose = std::get<BaselineOptions>(parse({"baseline", "propose", "a", "b", "c", "--dir", "d"}));
  EXPECT_EQ(propose.action + propose.dir, "proposed");
  EXPECT_EQ(propose.runs, (std::vector<std::string>{"a", "b", "c"}));
  const auto promote = std::get<BaselineOptions>(parse({"baseline", "promote", "--reason", "new driver", "--class", "h200"}));
  EXPECT_EQ(promote.action, "promote");
  EXPECT_EQ(promote.reason + promote.machine_class, "new driverh200");
  EXPECT_EQ(std::get<BaselineOptions>(parse({"baseline", "calibrate", "a", "b"})).runs, (std::vector<std::string>{"a", "b"}));
  for (const char* action : {"list", "diff"}) EXPECT_EQ(std::get<BaselineOptions>(parse({"baseline", action})).action, action);
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"baseline"}, {"baseline", "propose"}, {"baseline", "calibrate"}, {"baseline", "list", "--reason", "x"}})
    EXPECT_THROW(parse(words), UsageError);
}

TEST(EvalOptions, CostsNeedAPrice) {
  const auto gate = std::get<GateOptions>(parse({"gate", "x", "--price-per-hour", "3", "--development-cost", "15000"}));
  EXPECT_EQ(gate.outputs.cost.price_per_hour, 3.0);
  EXPECT_EQ(gate.outputs.cost.development_cost, 15000.0);
  EXPECT_FALSE(std::get<RunOptions>(parse({"--tier", "2"})).outputs.cost.price_per_hour);
  EXPECT_THROW(parse({"gate", "x", "--development-cost", "1"}), UsageError);
  EXPECT_THROW(parse({"report", "x", "--price-per-hour", "-1"}), UsageError);
}

TEST(EvalOptions, BlindTrialsAndVotes) {
  const auto report = std::get<ReportOptions>(parse({"report", "--ab", "runs/x", "--ab-trials", "5", "--ab-seed", "9"}));
  EXPECT_EQ(report.run, "runs/x");
  EXPECT_TRUE(report.ab);
  EXPECT_EQ(report.ab_trials, 5U);
  EXPECT_EQ(report.ab_seed, 9U);
  const auto gate =
      std::get<GateOptions>(parse({"gate", "runs/x", "--votes", "a.json", "b.json", "--votes", "c.json", "--ab-margin", "0.05"}));
  EXPECT_EQ(gate.votes, (std::vector<std::string>{"a.json", "b.json", "c.json"}));
  EXPECT_EQ(gate.ab_margin, 0.05);
  EXPECT_THROW(parse({"report", "x", "--ab-trials", "5"}), UsageError) << "of what page?";
  EXPECT_THROW(parse({"report", "x", "--ab", "--ab-trials", "0"}), UsageError);
  EXPECT_THROW(parse({"report", "x", "--ab", "--html", "y.html"}), UsageError);
  EXPECT_THROW(parse({"gate", "x", "--ab-margin", "0.5"}), UsageError);
}

TEST(EvalOptions, UnderscoreAndHyphenMeanTheSameInNames) {
  EXPECT_TRUE(std::get<RunOptions>(parse({"--tier", "2", "--dry_run", "--exit_zero"})).dry_run);
  EXPECT_TRUE(std::get<RunOptions>(parse({"--tier", "2", "--dry-run", "--exit-zero"})).outputs.exit_zero);
  EXPECT_EQ(value_of(std::get<RunOptions>(parse({"--set=shape.guidance_low=3"})), "shape.guidance_low"), "3");
}

TEST(EvalOptions, ShardsMergeAndTheListOfRuns) {
  EXPECT_EQ(std::get<RunOptions>(parse({"--tier", "2", "--shard", "2/4", "--keep-clips"})).shard, "2/4");
  EXPECT_TRUE(std::get<RunOptions>(parse({"--tier", "2", "--keep-clips"})).keep_clips);
  const auto merge = std::get<MergeOptions>(parse({"merge", "a", "b", "--out", "there", "--partial"}));
  EXPECT_EQ(merge.runs, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(merge.out, "there");
  EXPECT_TRUE(merge.partial);
  EXPECT_THROW(parse({"merge"}), UsageError);
  const auto list = std::get<ListOptions>(parse({"list", "runs", "--out", "there", "--prune", "--dry-run"}));
  EXPECT_TRUE(list.prune && list.dry_run);
  EXPECT_EQ(list.out, "there");
  EXPECT_THROW(parse({"list", "runs", "--dry-run"}), UsageError) << "of what?";
  const auto history = std::get<ListOptions>(parse({"list", "history", "--out", "there", "--config", "a,b", "--json"}));
  EXPECT_EQ(history.configs, (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(std::get<ReportOptions>(parse({"report", "runs/x", "--history"})).history);
}

TEST(EvalOptions, OtherCommands) {
  const auto metrics =
      std::get<MetricsOptions>(parse({"metrics", "--reference", "a", "--candidate", "b", "--metrics", "mse,ssim.ipol", "--json", "out"}));
  EXPECT_EQ(metrics.metrics, (std::vector<std::string>{"mse", "ssim.ipol"}));
  EXPECT_EQ(metrics.json, "out");
  EXPECT_FALSE(metrics.sets.on);
  const auto sets = std::get<MetricsOptions>(parse({"metrics", "--reference", "a", "--candidate", "b", "--sets", "--extractor", "i3d400",
                                                    "--extractor-file", "i3d.pt", "--frames", "16", "--unpaired", "--resamples", "0"}));
  EXPECT_TRUE(sets.sets.on && sets.sets.unpaired);
  EXPECT_EQ(sets.sets.extractor + sets.sets.extractor_file, "i3d400i3d.pt");
  EXPECT_EQ(sets.sets.frames, 16);
  EXPECT_EQ(sets.sets.resamples, 0);
  EXPECT_THROW(parse({"metrics", "--reference", "a", "--candidate", "b", "--frames", "16"}), UsageError) << "of --sets";
  EXPECT_EQ(std::get<GateOptions>(parse({"gate", "runs/x", "--exit-zero"})).run, "runs/x");
  EXPECT_EQ(std::get<ReportOptions>(parse({"report", "runs/x", "--html", "-"})).outputs.html, "-");
  const auto compare = std::get<CompareOptions>(parse({"compare", "a", "b", "--json", "-"}));
  EXPECT_EQ(compare.first + compare.second + compare.json, "ab-");
  EXPECT_TRUE(std::get<ListOptions>(parse({"list", "tiers", "--json"})).json);
  EXPECT_EQ(std::get<DoctorOptions>(parse({"doctor", "--device", "cuda"})).device, "cuda");
  const auto doctor = std::get<DoctorOptions>(parse({"doctor", "--noise", "--seconds", "1.5", "--json", "-"}));
  EXPECT_TRUE(doctor.noise);
  EXPECT_EQ(doctor.seconds, 1.5);
  EXPECT_EQ(doctor.json, "-");
  EXPECT_FALSE(std::get<DoctorOptions>(parse({"doctor"})).seconds);
  EXPECT_EQ(std::get<HelpOptions>(parse({"help", "gates"})).topic, "gates");
}

TEST(EvalOptions, ExecutorAndItsWorker) {
  EXPECT_EQ(std::get<RunOptions>(parse({"--tier", "2"})).executor, "process");
  EXPECT_EQ(std::get<RunOptions>(parse({"--tier", "2", "--executor", "in-process"})).executor, "in-process");
  const auto worker = std::get<WorkerOptions>(parse({"worker", "--channel", "3", "--null", "--fault", "hang@2"}));
  EXPECT_EQ(worker.channel, 3);
  EXPECT_TRUE(worker.null);
  EXPECT_EQ(worker.fault, "hang@2");
  EXPECT_EQ(std::get<ShowText>(parse({"--help"})).text.find("channel"), std::string::npos) << "it is not for people";
}

TEST(EvalOptions, HelpAndVersionAreTexts) {
  EXPECT_NE(std::get<ShowText>(parse({"--help"})).text.find("Exit status"), std::string::npos);
  EXPECT_NE(std::get<ShowText>(parse({"run", "--help"})).text.find("--tier"), std::string::npos);
  EXPECT_NE(std::get<ShowText>(parse({"--version"})).text.find("wan-eval"), std::string::npos);
}

TEST(EvalOptions, FaultsAreUsageErrors) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{{"--teir", "2"},
                                                                                     {"compare", "a"},
                                                                                     {"gates", "x"},
                                                                                     {"gate"},
                                                                                     {"metrics", "--reference", "a"},
                                                                                     {"--tier", "2", "--resume", "--fresh"},
                                                                                     {"--tier", "2", "--color", "red"},
                                                                                     {"--tier", "2", "--executor", "remote"},
                                                                                     {"worker"},
                                                                                     {"worker", "--channel", "3", "--fault", "hang@2"},
                                                                                     {"--tier", "2", "--set", "steps"},
                                                                                     {"--tier", "2", "--json", "-", "--html", "-"},
                                                                                     {"--tier", "2", "surplus"},
                                                                                     {"doctor", "--seconds", "-1"}})
    EXPECT_THROW(parse(words), UsageError) << words.front();
  try {
    parse({"raport", "x"});
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_NE(std::string(error.what()).find("did you mean 'report'"), std::string::npos) << error.what();
  }
}

TEST(EvalOptions, RolloutHasItsActions) {
  const auto start = std::get<RolloutOptions>(
      parse({"rollout", "start", "--config", "fp8_ffn", "-c", "x.toml", "--model", "m", "--flags", "f.toml", "--out", "o"}));
  EXPECT_EQ(start.action, "start");
  EXPECT_EQ(start.configuration, "fp8_ffn");
  EXPECT_EQ(start.config_file, "x.toml");
  EXPECT_EQ(start.model + start.flags + start.out, "mf.tomlo");
  EXPECT_EQ(std::get<RolloutOptions>(parse({"rollout", "advance", "runs/x"})).run, "runs/x");
  const auto watch = std::get<RolloutOptions>(
      parse({"rollout", "watch", "a", "b.json", "--list", "l", "--on_alert", "false", "--dir", "d", "--json", "-"}));
  EXPECT_EQ(watch.samples, (std::vector<std::string>{"a", "b.json"}));
  EXPECT_EQ(watch.sample_list + watch.on_alert + watch.baselines + watch.json, "lfalsed-");
  EXPECT_EQ(std::get<RolloutOptions>(parse({"rollout", "rollback", "--reason", "why"})).reason, "why");
  EXPECT_EQ(std::get<RolloutOptions>(parse({"rollout", "status"})).action, "status");
  for (const auto& words :
       {std::vector<std::string>{"rollout"}, {"rollout", "start"}, {"rollout", "halt"}, {"rollout", "status", "--reason", "x"}})
    EXPECT_THROW(parse(words), UsageError);
}

}  // namespace
}  // namespace wan::cli
