// The formats that people read in a terminal or a pull request, and that CI reads: JUnit, CSV.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "reports/format.h"
#include "reports/render.h"
#include "reports/summary.h"
#include "tests/support/reports/fixture.h"
#include "tests/support/reports/golden.h"
#include "tests/support/reports/well_formed.h"

namespace wan::reports {
namespace {

using testing::expect_golden;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST(RenderTable, MatchesGolden) {
  const auto fixture = testing::tier2_run();
  expect_golden(render_table(fixture.data()), "table.txt");
  expect_golden(render_table(fixture.data(), {.color = true, .unicode = false, .width = 80}), "table_80_ascii_color.txt");
}

// Two of three clips show their prompt; the fourth prompt cannot be read.
void hold_against_prompts(store::ConfigurationRecord& record) {
  for (std::size_t i = 0; i < record.cells.size(); ++i) {
    const double value = i % 3 == 0 ? 0 : 1;
    metrics::Score score{.metric = kAdherence, .pooled = {value, value, value, value, value}};
    if (i >= 3) score.error = "another language";
    record.cells[i].scores.scores.push_back(score);
  }
}

TEST(RenderTable, ShowsAdherenceWhereAPromptCanBeHeldAgainstItsClip) {
  auto fixture = testing::tier2_run();
  EXPECT_EQ(render_table(fixture.data()).find("adheres"), std::string::npos);
  EXPECT_EQ(render_markdown(fixture.data()).find("adheres"), std::string::npos);
  hold_against_prompts(fixture.run.configurations[0]);
  for (const std::string& text : {render_table(fixture.data(), {.width = 160}), render_markdown(fixture.data())}) {
    EXPECT_NE(text.find("adheres"), std::string::npos);
    EXPECT_NE(text.find("66.7 %"), std::string::npos) << text;
  }
  EXPECT_NE(render_html(fixture.data()).find("66.7 % of 3"), std::string::npos);
}

TEST(RenderTable, NeverWiderThanAsked) {
  auto fixture = testing::tier2_run();
  fixture.run.configurations[5].configuration.id = "a_configuration_with_a_name_of_uncommon_length_which_somebody_stacked";
  fixture.verdicts[5].configuration = fixture.run.configurations[5].configuration.id;
  fixture.verdicts[5].quality_roadmap.reason = std::string(300, 'x');
  for (const std::size_t width : {40U, 60U, 80U, 100U, 120U, 200U})
    for (const auto& line : lines_of(render_table(fixture.data(), {.width = width}))) EXPECT_LE(display_width(line), width) << line;
}

TEST(RenderTable, PlainStyleIsPureAsciiWithoutEscapes) {
  auto fixture = testing::tier2_run();
  fixture.verdicts.pop_back();  // the hostile reason has characters of its own
  fixture.run.configurations.pop_back();
  for (const char letter : render_table(fixture.data(), {.unicode = false}))
    EXPECT_TRUE(letter == '\n' || (static_cast<unsigned char>(letter) >= 0x20 && static_cast<unsigned char>(letter) < 0x7f))
        << static_cast<int>(letter);
}

TEST(RenderTable, WithoutColourNoTextSteersTheTerminal) {
  const auto fixture = testing::tier2_run();
  EXPECT_EQ(render_table(fixture.data()).find('\x1b'), std::string::npos);
}

TEST(RenderTable, EmptyAndCrashedRunsSaySo) {
  EXPECT_NE(render_table(testing::empty_run().data()).find("No configuration was run."), std::string::npos);
  const std::string crashed = render_table(testing::crashed_run().data());
  EXPECT_NE(crashed.find("oom: 40 GB wanted, 3 GB free"), std::string::npos);
  EXPECT_NE(crashed.find("not judged"), std::string::npos);
}

TEST(RenderMarkdown, MatchesGolden) {
  const auto fixture = testing::tier2_run();
  expect_golden(render_markdown(fixture.data()), "report.md");
}

TEST(RenderMarkdown, ForeignTextIsNeitherHtmlNorTable) {
  const std::string markdown = render_markdown(testing::tier2_run().data());
  EXPECT_EQ(markdown.find("<script"), std::string::npos);
  for (const auto& line : lines_of(markdown))
    if (line.starts_with("|")) {
      std::size_t bars = 0;
      for (std::size_t i = 0; i < line.size(); ++i) bars += line[i] == '|' && (i == 0 || line[i - 1] != '\\') ? 1 : 0;
      EXPECT_EQ(bars, 11U) << line;
    }
}

TEST(RenderMarkdown, TheCommandCannotCloseItsFence) {
  auto fixture = testing::empty_run();
  fixture.run.command = "wan-eval ``` x";
  EXPECT_NE(render_markdown(fixture.data()).find("````\nwan-eval ``` x\n````"), std::string::npos);
}

// GitHub refuses a step whose summary is over 1 MiB, and shows nothing of it then.
TEST(RenderMarkdown, IsNeverLongerThanASummaryMayBe) {
  auto fixture = testing::tier2_run();
  auto& run = fixture.run;
  run.command = std::string(3'000'000, '`');
  run.tier_title = std::string(2'000'000, '&');
  auto& cell = run.configurations.back().cells.front();
  cell.status = store::CellStatus::failed;
  cell.reason = std::string(2'000'000, '\xff');
  while (run.configurations.size() < 6000) {
    run.configurations.push_back(run.configurations[3]);
    run.configurations.back().configuration.id = fmt::format("stacked_{}", run.configurations.size());
    fixture.verdicts.push_back(fixture.verdicts[3]);
    fixture.verdicts.back().configuration = run.configurations.back().configuration.id;
    fixture.verdicts.back().quality_roadmap.reason = std::string(1000, '|');
  }
  const std::string text = render_markdown(fixture.data());
  EXPECT_LE(text.size(), kMostMarkdownBytes);
  EXPECT_LE(kMostMarkdownBytes, 1024U * 1024U);
  EXPECT_NE(text.find("of 6000 configurations are shown"), std::string::npos);
  EXPECT_NE(text.find("Fallbacks and failures ("), std::string::npos) << "left out, and said so";
  EXPECT_NE(text.find("Machine and build"), std::string::npos);
}

history::History two_histories() {
  history::History history;
  for (const char* configuration : {"quiet", "fp8_|full"}) {
    history::Series series{.configuration = configuration, .figure = "speedup"};
    for (int night = 0; night < 10; ++night)
      series.nights.push_back({.folder = "run", .started_at = fmt::format("2026-01-{:02}T01:00:00Z", night + 1), .value = 1.5});
    history.series.push_back(series);
  }
  history.series[1].nights[9].value = 1.25;
  history.series[1].changes.push_back({.night = 7, .before = 1.5, .after = 1.25, .p = 0.0005});
  history.series[1].changes[0].differences = {{.what = "build", .before = "0123456789abcdef012345", .after = ""}};
  history.tested = 2;
  return history;
}

TEST(RenderMarkdown, ShowsWhereALevelChanged) {
  const auto fixture = testing::tier2_run();
  EXPECT_EQ(render_markdown(fixture.data()).find("History"), std::string::npos);
  const auto history = two_histories();
  auto data = fixture.data();
  data.history = &history;
  const std::string text = render_markdown(data);
  EXPECT_NE(text.find("2 of 2 histories are of at least six nights; 1 changed level."), std::string::npos);
  EXPECT_NE(text.find("- **fp8\\_\\|full**, speed-up, 2026-01-08: 1.50× → 1.25× (worse), p 0.00050; build 0123456789abcdef012… → none"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("**quiet**"), std::string::npos);
  const auto page = testing::parse_markup(render_html(data));
  EXPECT_EQ(page.error, "");
  EXPECT_NE(render_html(data).find("1.50× → 1.25× (worse)"), std::string::npos);
}

TEST(RenderJunit, MatchesGolden) {
  const auto fixture = testing::tier2_run();
  expect_golden(render_junit(fixture.data()), "junit.xml");
}

// The elements and attributes of the Jenkins schema (junit-10.xsd), as far as we use them.
TEST(RenderJunit, KeepsToTheCommonSchema) {
  const std::map<std::string, std::set<std::string>> known{
      {"testsuites", {"name", "time", "tests", "failures", "errors", "disabled"}},
      {"testsuite", {"name", "tests", "failures", "errors", "time", "skipped", "timestamp"}},
      {"properties", {}},
      {"property", {"name", "value"}},
      {"testcase", {"name", "classname", "time"}},
      {"failure", {"message", "type"}},
      {"error", {"message", "type"}},
      {"skipped", {"message"}},
      {"system-out", {}}};
  for (const auto& fixture : {testing::tier2_run(), testing::empty_run(), testing::crashed_run()}) {
    const auto document = testing::parse_markup(render_junit(fixture.data()));
    ASSERT_EQ(document.error, "");
    EXPECT_EQ(document.elements.front().name, "testsuites");
    for (const auto& element : document.elements) {
      ASSERT_TRUE(known.contains(element.name)) << element.name;
      for (const auto& [name, value] : element.attributes)
        EXPECT_TRUE(known.at(element.name).contains(name)) << element.name << " " << name;
      EXPECT_LE(element.name == "testcase" ? element.children.size() : 0, 1U);
    }
    const auto& suite = *document.all("testsuite").front();
    EXPECT_EQ(suite.attributes.at("tests"), std::to_string(document.all("testcase").size()));
    EXPECT_EQ(suite.attributes.at("failures"), std::to_string(document.all("failure").size()));
    EXPECT_EQ(suite.attributes.at("errors"), std::to_string(document.all("error").size()));
    EXPECT_EQ(suite.attributes.at("skipped"), std::to_string(document.all("skipped").size()));
  }
}

TEST(RenderJunit, OnlyDecidingGatesFail) {
  auto fixture = testing::tier2_run();
  const auto failures = [&] { return testing::parse_markup(render_junit(fixture.data())).all("failure").size(); };
  EXPECT_EQ(failures(), 3U);  // fp8_ffn, fp8_full, tier2_all by the roadmap gate
  for (auto& verdict : fixture.verdicts) verdict.deciding_gate = "calibrated";
  EXPECT_EQ(failures(), 2U);  // fp8_ffn lies within the noise floor
}

TEST(RenderJunit, AConfigurationThatNobodyJudgedIsAnError) {
  EXPECT_EQ(testing::parse_markup(render_junit(testing::crashed_run().data())).all("error").size(), 1U);
}

TEST(RenderCsv, MatchesGolden) {
  auto fixture = testing::tier2_run();
  auto& configurations = fixture.run.configurations;
  configurations.erase(configurations.begin() + 3, configurations.begin() + 6);  // the golden stays small
  expect_golden(render_csv(fixture.data()), "cells.csv");
}

// RFC 4180: quotes balance, so every record has the header's number of fields.
TEST(RenderCsv, EveryRecordHasEveryColumn) {
  const auto fixture = testing::tier2_run();
  const std::string csv = render_csv(fixture.data());
  std::vector<std::size_t> fields{1};
  bool quoted = false;
  for (const char letter : csv) {
    if (letter == '"') quoted = !quoted;
    if (!quoted && letter == ',') ++fields.back();
    if (!quoted && letter == '\n') fields.push_back(1);
  }
  EXPECT_FALSE(quoted);
  fields.pop_back();
  EXPECT_EQ(fields.size(), 1U + 12 + 5 * 12 * 4 + 11 * 4 + 1);  // header; bf16 has no scores; the crashed clip has none
  for (const std::size_t n : fields) EXPECT_EQ(n, fields.front());
}

}  // namespace
}  // namespace wan::reports
