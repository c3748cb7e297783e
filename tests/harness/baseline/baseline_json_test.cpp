#include "harness/baseline/baseline_json.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>

#include "engine/base/error.h"
#include "tests/support/usage_error.h"

namespace wan::baseline {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// As the file stands in version control: any change here is a difference in every promoted file.
constexpr const char* kText = R"({
 "schema": 2,
 "machine_class": "cpu, 2 cores",
 "plan_hash": "plan",
 "tier": "2",
 "suite": "smoke",
 "model": "wan-tiny",
 "shape": "128x128, 9 frames",
 "entries": [
  {
   "configuration": "fast",
   "n": 3,
   "provenance": {
    "run_ids": [
     "night0",
     "night1"
    ],
    "commit": "abc",
    "build_id": "build",
    "weights_hash": "weights",
    "driver": "",
    "date": "2026-01-31T00:00:00Z",
    "reason": "another \"kernel\""
   },
   "figures": [
    {
     "name": "clip_s",
     "value": 0.5,
     "low": 0.25,
     "high": 1.0,
     "nights": [
      0.5,
      1e-07
     ]
    }
   ]
  }
 ],
 "floors": [
  {
   "configuration": "bf16_twin",
   "provenance": {
    "run_ids": [],
    "commit": "",
    "build_id": "",
    "weights_hash": "",
    "driver": "",
    "date": "",
    "reason": ""
   },
   "scores": [
    {
     "score": "lpips.alex",
     "prompts": 6,
     "mean": -3.25,
     "standard_deviation": 0.125,
     "margin": 0.03125
    }
   ],
   "distances": [
    {
     "name": "lpips.alex",
     "prompts": [
      {
       "prompt": "ring_left",
       "log_distance": -5.5
      }
     ]
    }
   ]
  }
 ]
}
)";

Baseline value() {
  return {.machine_class = "cpu, 2 cores",
          .plan_hash = "plan",
          .tier = "2",
          .suite = "smoke",
          .model = "wan-tiny",
          .shape = "128x128, 9 frames",
          .entries = {{.configuration = "fast",
                       .n = 3,
                       .provenance = {.run_ids = {"night0", "night1"},
                                      .commit = "abc",
                                      .build_id = "build",
                                      .weights_hash = "weights",
                                      .date = "2026-01-31T00:00:00Z",
                                      .reason = "another \"kernel\""},
                       .figures = {{.name = "clip_s", .value = 0.5, .low = 0.25, .high = 1, .nights = {0.5, 1e-7}}}}},
          .floors = {{.configuration = "bf16_twin",
                      .scores = {{.score = "lpips.alex", .prompts = 6, .mean = -3.25, .standard_deviation = 0.125, .margin = 0.03125}},
                      .distances = {{.name = "lpips.alex", .prompts = {{.prompt = "ring_left", .log_distance = -5.5}}}}}}};
}

std::string with(const std::string& from, const std::string& to) {
  std::string text = kText;
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

void expect_refused(const std::string& text, const std::string& fault) {
  EXPECT_USAGE_ERROR(baseline_from_json(text, "class.json"),
                     AllOf(StartsWith("class.json"), HasSubstr(fault), HasSubstr("; a promoted file is best taken from version control")));
}

TEST(BaselineJson, FileAsItStandsInVersionControl) {
  EXPECT_EQ(to_json(value()), kText);
  EXPECT_EQ(baseline_from_json(kText, "class.json"), value());
}

TEST(BaselineJson, OtherLayoutsAndOrdersAreReadToo) {
  std::string text = with("\"tier\": \"2\",\n", "");
  text.replace(text.find("\"model\""), 0, "\"tier\":\t\"2\",");
  EXPECT_EQ(baseline_from_json(text, "class.json"), value());
  EXPECT_EQ(baseline_from_json(with("\"high\": 1.0", "\"high\": 1"), "class.json"), value()) << "a whole number is a number";
}

TEST(BaselineJson, WrongTypes) {
  const std::array<std::array<std::string, 3>, 14> faults{{
      {"\"cpu, 2 cores\"", "2", ".machine_class: expected a text, found number"},
      {"\"plan\"", "null", ".plan_hash: expected a text, found null"},
      {"\"smoke\"", "[\"smoke\"]", ".suite: expected a text, found array"},
      {"\"entries\": [", "\"entries\": 3, \"x\": [", ".entries: expected a list, found number"},
      {"\"n\": 3", "\"n\": \"3\"", ".entries[0].n: expected a whole number, found string"},
      {"\"n\": 3", "\"n\": 3.0", ".entries[0].n: expected a whole number, found 3.0"},
      {"\"night1\"", "1", ".entries[0].provenance.run_ids[1]: expected a text, found number"},
      {"0.25", "\"0.25\"", ".entries[0].figures[0].low: expected a number, found string"},
      {"0.25", "true", ".entries[0].figures[0].low: expected a number, found boolean"},
      {"1e-07", "\"nan\"", ".entries[0].figures[0].nights[1]: expected a number, found string"},
      {"1e-07", "{}", ".entries[0].figures[0].nights[1]: expected a number, found object"},
      {"\"prompts\": 6", "\"prompts\": null", ".floors[0].scores[0].prompts: expected a whole number, found null"},
      {"0.03125", "false", ".floors[0].scores[0].margin: expected a number, found boolean"},
      {"\"floors\": [", "\"floors\": [7, ", ".floors[0]: expected an object, found number"},
  }};
  for (const auto& [from, to, fault] : faults) expect_refused(with(from, to), "class.json" + fault);
}

// Each key that the file has, left out, misspelt and twice.
TEST(BaselineJson, EveryKeyIsThereOnce) {
  const std::string text = kText;
  std::size_t keys = 0;
  for (std::size_t colon = text.find("\": "); colon != std::string::npos; colon = text.find("\": ", colon + 1), ++keys) {
    const std::size_t begin = text.rfind('"', colon - 1);
    const std::string key = text.substr(begin + 1, colon - begin - 1);
    std::string other = text;
    if (key == "schema") continue;
    expect_refused(other.insert(begin, "\"" + key + "_\": 0, "), "unknown key '" + key + "_'; did you mean '");
    other = text;
    other.replace(begin + 1, key.size(), "something else");
    expect_refused(other, "unknown key 'something else'");
    const std::size_t line_end = text.find('\n', colon);
    if (const std::string line = text.substr(begin, line_end - begin); line.ends_with(',')) {
      other = text;
      expect_refused(other.insert(begin, line), "the key '" + key + "' stands twice");
      other = text;
      expect_refused(other.erase(begin, line.size()), "'" + key + "' is missing");
    }
  }
  EXPECT_EQ(keys, 45u);
  expect_refused(with("\"schema\": 2,", "\"schema\": 2, \"schema\": 2,"), "the key 'schema' stands twice");
}

TEST(BaselineJson, OtherSchemasAndOtherFiles) {
  EXPECT_USAGE_ERROR(baseline_from_json(with("\"schema\": 2", "\"schema\": 3"), "class.json"),
                     HasSubstr("class.json: written with baseline schema 3, this program reads schema 2: use the wan-eval that wrote it"));
  for (const auto& text : {with("\"schema\": 2", "\"skema\": 2"), with("\"schema\": 2", "\"schema\": \"2\""), std::string("[]"),
                           std::string("null"), std::string("{}")})
    EXPECT_USAGE_ERROR(baseline_from_json(text, "class.json"), HasSubstr("class.json: no baseline: it has no \"schema\""));
}

TEST(BaselineJson, TornAnywhere) {
  const std::string text = kText;
  for (std::size_t length = 0; length + 1 < text.size(); ++length)  // the last newline may go
    EXPECT_USAGE_ERROR(baseline_from_json(text.substr(0, length), "class.json"), StartsWith("class.json: "));
  expect_refused(text.substr(0, text.size() / 2), "class.json: not readable as JSON: ");
  expect_refused(text + "}", "not readable as JSON: something follows the value");
  expect_refused(text + text, "not readable as JSON: something follows the value");
}

TEST(BaselineJson, BytesThatAreNoText) {
  expect_refused(with("smoke", "sm\xffke"), "bytes that are no UTF-8");
  expect_refused(with("smoke", std::string("sm\0ke", 5)), "a control character in a text");
  expect_refused(with("smoke", "sm\\udc00ke"), "an escape that is none");
  EXPECT_USAGE_ERROR(baseline_from_json(std::string(100, '\0'), "class.json"), HasSubstr("not readable as JSON"));
}

TEST(BaselineJson, NumbersBeyondEverything) {
  expect_refused(with("0.25", "1e999"), ".low: 1e999 is out of range");
  expect_refused(with("\"n\": 3", "\"n\": 3000000000"), ".n: 3000000000 is out of range");
  expect_refused(with("\"n\": 3", "\"n\": 99999999999999999999"), ".n: 99999999999999999999 is out of range");
  expect_refused(with("0.25", "NaN"), "no value begins like this");
  expect_refused(with("0.25", "-"), "a number without digits");
  expect_refused(with("0.25", "00.25"), "a number with a leading zero");
}

TEST(BaselineJson, TooDeepOrTooLong) {
  EXPECT_USAGE_ERROR(baseline_from_json(std::string(100000, '['), "class.json"), HasSubstr("class.json: "));
  expect_refused(with("0.25", std::string(100000, '[')), "class.json.entries[0].figures[0].low: expected a number, found array");
  EXPECT_USAGE_ERROR(baseline_from_json("{\"x\": " + std::string(100000, '['), "class.json"), HasSubstr("nested too deeply"));
  expect_refused(kText + std::string(std::size_t{64} << 20, ' '), "bytes are no baseline");
}

TEST(BaselineJson, NumberThatIsNoneIsNeverWritten) {
  for (const double none : {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    Baseline baseline = value();
    baseline.floors[0].scores[0].margin = none;
    EXPECT_THROW(to_json(baseline), CheckError);
  }
}

}  // namespace
}  // namespace wan::baseline
