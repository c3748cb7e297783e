#include "harness/store/record_json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/base/error.h"
#include "tests/support/harness/records.h"

namespace wan::store {
namespace {

RunRecord full_record() {
  RunRecord run = testing::good_run();
  run.plan_hash = "0123";
  run.command = "wan-eval --tier 2";
  run.environment.version = "0.1.0";
  run.environment.libtorch = "2.11.0";
  run.environment.cores = 2;
  run.environment.memory_bytes = std::int64_t{1} << 40;
  run.environment.warnings = {"load average 3.1 on 2 cores"};
  run.shape = {.width = 128, .height = 128, .frames = 17, .steps = 10, .solver = "unipc", .shift = 5};
  run.shape.guidance_low = 3.0;
  run.seeds = {42, std::numeric_limits<std::uint64_t>::max()};
  ConfigurationRecord& fast = testing::candidate(run);
  fast.kind = OptimizationClass::lossy;
  fast.speed_claimable = "emulated";
  fast.fallbacks = {"fa3 -> math: no GPU"};
  fast.configuration.optimizations = {
      {.id = "fp8_ffn", .parameters = {{"granularity", "per_channel"}, {"bits", std::int64_t{8}}, {"scale", 2.0}, {"on", true}}}};
  fast.configuration.claim = 1.5;
  fast.configuration.thresholds.min_speedup = 2.0;
  Cell& cell = fast.cells[0];
  testing::score(cell, "psnr.pooled").pooled.mean = std::numeric_limits<double>::infinity();
  testing::score(cell, "mse").per_frame = {0.1, 1e-300, -std::numeric_limits<double>::infinity()};
  testing::score(cell, "lpips.alex") = {.metric = "lpips.alex", .error = "no \"weights\"\n\tthere"};
  cell.scores.artifacts[0] = {.detector = "black_frame", .fired = true, .frames = {3, 4}, .detail = "2 frames"};
  cell.stages = {.stages = {{.name = "vae_decode", .elapsed_s = 0.25}}, .step_s = {0.1, 0.2}, .high_noise_steps = 1, .total_s = 0.55};
  cell.peak_bytes = 123456789012;
  testing::fail(fast.cells[1], "crash: signal 11");
  run.steps_a_visit = 2;
  run.visits.back().clip_s.clear();
  run.visits.back().steps = {.prompt = "p1",
                             .seed = 42,
                             .clip_high_noise_steps = 7,
                             .clip_low_noise_steps = 5,
                             .high_noise_step_s = {0.1, 0.2},
                             .low_noise_step_s = {0.3},
                             .run_s = {1e-7},
                             .transformer_forwards = 6,
                             .peak_bytes = 5,
                             .nonfinite = 1,
                             .latents_hash = "h",
                             .fallbacks = {"layer 3"}};
  return run;
}

TEST(RecordJson, RoundTripIsExact) {
  const std::string text = to_json(full_record());
  const RunRecord back = record_from_json(text, "run.json");
  EXPECT_EQ(to_json(back), text);
  const Cell& cell = back.configurations[3].cells[0];
  EXPECT_TRUE(std::isinf(cell.scores.find("psnr.pooled")->pooled.mean));
  EXPECT_EQ(cell.scores.find("mse")->per_frame, (std::vector<double>{0.1, 1e-300, -std::numeric_limits<double>::infinity()}));
  EXPECT_EQ(cell.scores, full_record().configurations[3].cells[0].scores);
  EXPECT_EQ(back.seeds[1], std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(back.configurations[3].configuration, full_record().configurations[3].configuration) << "2.0 stays a double, 8 an integer";
  EXPECT_EQ(back.configurations[3].kind, OptimizationClass::lossy);
  EXPECT_FALSE(back.configurations[0].kind.has_value());
  EXPECT_EQ(back.configurations[3].cells[1].status, CellStatus::failed);
}

TEST(RecordJson, InfinityIsTheWordOfTheScoreFiles) {
  const std::string text = to_json(full_record());
  EXPECT_NE(text.find("\"mean\":\"inf\""), std::string::npos);
}

TEST(RecordJson, CellLineHasNoNewlineAndComesBack) {
  const Cell cell = full_record().configurations[3].cells[0];
  const std::string line = to_json_line(cell);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_EQ(to_json_line(cell_from_json_line(line, "cells.jsonl:1")), line);
}

TEST(RecordJson, TextThatIsNoUtf8IsReplacedAndNotAnError) {
  Cell cell;
  cell.reason = "crash: \xff\xfe";
  const Cell back = cell_from_json_line(to_json_line(cell), "line");
  EXPECT_EQ(back.reason, "crash: \xEF\xBF\xBD\xEF\xBF\xBD");
}

void expect_refused(const std::string& text, const std::string& part) {
  try {
    record_from_json(text, "run.json");
    FAIL() << "accepted, expected: " << part;
  } catch (const UsageError& error) {
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    EXPECT_EQ(std::string(error.what()).rfind("run.json", 0), 0u) << error.what();
  }
}

std::string with(std::string text, const std::string& old_part, const std::string& new_part) {
  const auto at = text.find(old_part);
  EXPECT_NE(at, std::string::npos) << old_part;
  return text.replace(at, old_part.size(), new_part);
}

TEST(RecordJson, RefusesWhatItDoesNotKnowAndNamesThePlace) {
  const std::string good = to_json(full_record());
  expect_refused(with(good, "\"schema\": 4", "\"schema\": 7"), "record schema 7, this program reads schema 4: use the wan-eval");
  expect_refused(with(good, "\"schema\": 4", "\"schema\": 3"), "schema 3, this program reads schema 4: run anew, or use");
  expect_refused(with(good, "\"schema\": 4", "\"schema\": 1"), "schema 1, this program reads schema 4: run anew");
  expect_refused(with(good, "\"schema\"", "\"schemas\""), "no run record");
  expect_refused(with(good, "\"tier_id\": \"2\",", ""), "'tier_id' is missing");
  expect_refused(with(good, "\"tier_id\"", "\"new\": 1, \"tier_id\""), "unknown key 'new'");
  expect_refused(with(good, "\"cores\": 2", "\"cores\": \"2\""), "run.json.environment.cores: expected a whole number, found string");
  expect_refused(with(good, "\"cores\": 2", "\"cores\": 3000000000"), "out of range");
  expect_refused(with(good, "\"status\":\"failed\"", "\"status\":\"broken\""),
                 "run.json.configurations[3].cells[1].status: \"broken\" is none of done, failed, skipped, interrupted");
  expect_refused(good.substr(0, good.size() / 2), "not readable as JSON");
  expect_refused("", "not readable as JSON");
  expect_refused("[]", "no run record");
}

TEST(RecordJson, HeaderKeepsOfACellWhatItsPlanKnows) {
  RunRecord run = full_record();
  run.shard = "1/2";
  run.configurations[3].elsewhere = {"p7 42"};
  run.configurations[3].cells[1].seal = "seal";
  const std::string text = to_header_json(run);
  const RunRecord back = header_from_json(text, "run.json");
  EXPECT_EQ(to_header_json(back), text);
  const Cell& cell = back.configurations[3].cells[1];
  EXPECT_EQ(cell.configuration, "fast");
  EXPECT_EQ(cell.prompt, "p2");
  EXPECT_EQ(cell.category, "nature");
  EXPECT_EQ(cell.status, CellStatus::failed);
  EXPECT_EQ(cell.seal, "seal");
  EXPECT_TRUE(cell.scores.scores.empty());
  EXPECT_EQ(back.configurations[3].elsewhere, run.configurations[3].elsewhere);
  EXPECT_THROW(record_from_json(text, "run.json"), UsageError) << "a header is no export";
  EXPECT_THROW(header_from_json(to_json(run), "run.json"), UsageError);
}

// Whatever is left of a line, it is read or refused.
TEST(RecordJson, LineCutAnywhereIsRefused) {
  const std::string line = to_json_line(full_record().configurations[3].cells[0]);
  for (std::size_t length = 0; length < line.size(); ++length)
    EXPECT_THROW(cell_from_json_line(line.substr(0, length), "line"), UsageError);
}

TEST(RecordJson, RepeatedKeyIsRefused) {
  expect_refused(with(to_json(full_record()), "\"tier_id\"", "\"suite_id\": \"x\", \"tier_id\""), "the key 'suite_id' stands twice");
}

TEST(RecordJson, VerdictsOfAnExportAreLeftAside) {
  const std::string good = to_json(full_record());
  EXPECT_EQ(to_json(record_from_json(with(good, "\"tier_id\"", "\"verdicts\": [{\"any\": 1}], \"tier_id\""), "run.json")), good);
}

}  // namespace
}  // namespace wan::store
