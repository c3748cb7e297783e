#include "harness/cli/verdict_json.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "harness/gate/judge.h"
#include "harness/store/record_json.h"
#include "tests/support/harness/records.h"

namespace wan::cli {
namespace {

TEST(VerdictJson, ExportIsTheRecordWithVerdictsAndReadsBackAsTheRecord) {
  store::RunRecord run = testing::good_run();
  for (auto& cell : testing::candidate(run).cells)
    testing::score(cell, "psnr.pooled").pooled.mean = std::numeric_limits<double>::infinity();
  const auto verdicts = gate::judge(run);
  const std::string text = to_json(run, verdicts);
  const auto json = nlohmann::json::parse(text);
  ASSERT_EQ(json["verdicts"].size(), 4u);
  const auto& verdict = json["verdicts"][3];
  EXPECT_EQ(verdict["configuration"], "fast");
  EXPECT_EQ(verdict["judged"], true);
  EXPECT_EQ(verdict["overall"], "held");
  bool seen = false;
  for (const auto& criterion : verdict["quality_roadmap"]["criteria"]) {
    if (criterion["name"] != "psnr.pooled") continue;
    seen = true;
    EXPECT_EQ(criterion["value"], "inf");
    EXPECT_EQ(criterion["bound"], 30.0);
    EXPECT_EQ(criterion["n"], 6);
  }
  EXPECT_TRUE(seen);
  EXPECT_FALSE(verdict["quality_calibrated"]["criteria"].back().contains("value")) << "teacher-forced: absent, not null";
  EXPECT_EQ(store::to_json(store::record_from_json(text, "result.json")), store::to_json(run));
}

TEST(VerdictJson, ALevelStandsWhereItIsBelowThatOfErrors) {
  store::RunRecord run = testing::good_run();
  testing::candidate(run).configuration.thresholds.levels.max_lpips = plan::Level::warn;
  const auto json = nlohmann::json::parse(to_json(run, gate::judge(run)));
  for (const auto& criterion : json["verdicts"][3]["quality_roadmap"]["criteria"])
    EXPECT_EQ(criterion.value("level", "error"), criterion["name"] == "lpips.alex" ? "warn" : "error") << criterion["name"];
  EXPECT_EQ(store::record_from_json(to_json(run, gate::judge(run)), "x").configurations[3].configuration.thresholds.levels.max_lpips,
            plan::Level::warn);
}

}  // namespace
}  // namespace wan::cli
