#include "metrics/score_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <utility>

#include "engine/base/error.h"

namespace wan::metrics {
namespace {

using ::testing::HasSubstr;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

QualityScores sample() {
  return {
      .scores = {{.metric = "ssim.ipol",
                  .version = 3,
                  .options_hash = "0123456789abcdef",
                  .unit = "1",
                  .colour = "RGB",
                  .range = "0..255",
                  .pooling = "mean",
                  .direction = Direction::higher_is_better,
                  .per_frame = {0.1, 1.0 / 3, 1e-300, 1},
                  .pooled = {.mean = 0.35833333333333334, .min = 1e-300, .max = 1, .p5 = 0.015, .p95 = 0.9}},
                 {.metric = "psnr.pooled", .unit = "dB", .pooled = {kInfinity, kInfinity, kInfinity, kInfinity, kInfinity}},
                 {.metric = "flicker.vbench",
                  .pooled = {.mean = 0.5},
                  .reference = Profile{.per_frame = {0.25, 0.5}, .pooled = {.mean = 0.375}}},
                 {.metric = "lpips.alex", .direction = Direction::lower_is_better, .error = "no \"weights\"\nin /data: run ci/bootstrap"}},
      .artifacts = {{.detector = "black_frame"}, {.detector = "frozen", .fired = true, .frames = {3, 4, 5}, .detail = "3 steps"}}};
}

std::string fault_of(const std::string& text) {
  try {
    scores_from_json(text, "scores.json");
  } catch (const UsageError& e) {
    return e.what();
  }
  return "accepted";
}

TEST(ScoreJson, ReadsBackTheSameBits) {
  EXPECT_EQ(scores_from_json(scores_to_json(sample()), "sample"), sample());
  EXPECT_EQ(scores_from_json(scores_to_json({}), "empty"), QualityScores{});
}

TEST(ScoreJson, IsWrittenAsPromised) {
  EXPECT_EQ(scores_to_json({.scores = {{.metric = "psnr", .unit = "dB", .per_frame = {kInfinity, 0.1}, .pooled = {.mean = kInfinity}}},
                            .artifacts = {{.detector = "frozen"}}}),
            R"({"schema":1,"scores":[{"metric":"psnr","version":1,"options_hash":"","unit":"dB","direction":"none",)"
            R"("per_frame":["inf",0.10000000000000001],"pooled":{"mean":"inf","min":0,"max":0,"p5":0,"p95":0}}],)"
            R"("artifacts":[{"detector":"frozen","fired":false,"frames":[],"detail":""}]})");
}

TEST(ScoreJson, TextThatIsNoUtf8StaysReadable) {
  const std::string text = scores_to_json({.scores = {{.metric = "m", .error = "bad \xff byte"}}});
  EXPECT_EQ(scores_from_json(text, "sample").scores[0].error, "bad \xEF\xBF\xBD byte");
}

TEST(ScoreJson, RefusesNan) {
  EXPECT_THROW(scores_to_json({.scores = {{.metric = "m", .pooled = {.mean = std::numeric_limits<double>::quiet_NaN()}}}}), CheckError);
}

// Each fault is one replacement in a good document.
TEST(ScoreJson, RefusesWhatItDoesNotKnow) {
  const std::string good = scores_to_json(sample());
  const struct {
    const char *from, *to, *message;
  } faults[] = {
      {R"("schema":1)", R"("schema":2)", "schema: expected 1"},
      {R"("schema":1,)", "", "'schema' is missing"},
      {R"("scores":[)", R"("score":[)", "unknown key 'score'; did you mean 'scores'?"},
      {R"("version":3)", R"("version":0)", "scores[0].version: expected a version from 1"},
      {R"("version":3)", R"("version":1.5)", "scores[0].version: expected a whole number"},
      {R"("unit":"dB",)", "", "scores[1]: 'unit' is missing"},
      {R"("direction":"higher_is_better")", R"("direction":"up")", "scores[0].direction: expected higher_is_better"},
      {R"("pooled":{"mean":"inf")", R"("pooled":{"mean":null)", "scores[1].pooled.mean: expected a number"},
      {R"("pooled":{"mean":"inf")", R"("pooled":{"mean":"NaN")", "expected a number or \"inf\""},
      {R"("per_frame":[)", R"("per_frame":[null,)", "scores[0].per_frame[0]: expected a number"},
      {R"("p95":"inf")", R"("p99":"inf")", "unknown key 'p99'"},
      {R"("error":"no)", R"("per_frame":[],"error":"no)", "has no number"},
      {R"("fired":true)", R"("fired":1)", "artifacts[1].fired: expected true or false"},
      {R"("frames":[3,)", R"("frames":[3.5,)", "artifacts[1].frames[0]: expected a whole number"},
      {R"("artifacts":[)", R"("artifacts":[7,)", "artifacts[0]: expected an object"},
  };
  for (const auto& fault : faults) {
    std::string text = good;
    const auto at = text.find(fault.from);
    ASSERT_NE(at, std::string::npos) << fault.from;
    text.replace(at, std::string(fault.from).size(), fault.to);
    EXPECT_THAT(fault_of(text), HasSubstr(fault.message)) << fault.to;
  }
  EXPECT_THAT(fault_of("{"), HasSubstr("scores.json"));
  EXPECT_THAT(fault_of("[]"), HasSubstr("expected an object"));
  EXPECT_THAT(fault_of(""), HasSubstr("not readable as JSON"));
}

}  // namespace
}  // namespace wan::metrics
