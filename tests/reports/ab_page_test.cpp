// The page of blind trials: whole, self-contained, and silent about which clip is which.
#include "reports/ab_page.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "engine/media/clip_file.h"
#include "harness/gate/ab_trials.h"
#include "reports/ab_script.h"
#include "reports/markup.h"
#include "reports/page.h"
#include "reports/render.h"
#include "tests/support/reports/fixture.h"
#include "tests/support/reports/well_formed.h"
#include "tests/support/usage_error.h"

namespace wan::reports {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;

// What the script would read.
Json data_of(const std::string& html) {
  const std::string mark = "type=\"application/json\">";
  const std::size_t begin = html.find(mark) + mark.size();
  return Json::parse(html.substr(begin, html.find("</script>", begin) - begin));
}

// The clips are base64, in which any short word may stand by chance.
std::string without_clips(const std::string& html) {
  const std::size_t begin = html.find("<script id=\"trials\""), end = html.find("</script>", begin);
  Json data = data_of(html);
  for (auto& trial : data["trials"]) trial["left"] = trial["right"] = nullptr;
  return html.substr(0, begin) + data.dump() + html.substr(end);
}

class AbPageTest : public ::testing::Test {
 protected:
  AbPageTest() : folder_(testing::own_folder()) {
    testing::keep_clips(fixture_, folder_);
    fixture_.run.shape.width = 127;  // odd, so that the page takes PNG in every build
  }
  ~AbPageTest() override { std::filesystem::remove_all(folder_); }

  // Every cell of one configuration and of the baseline gets the clip that its kind has of clockwork.
  void keep_all(const std::string& id) {
    for (auto& record : fixture_.run.configurations) {
      if (record.configuration.id != id && record.configuration.id != "bf16") continue;
      for (auto& cell : record.cells)
        cell.clip_file = (record.configuration.id == "bf16" ? "bf16" : "fp8_full") + std::string("-clockwork.safetensors");
    }
  }

  testing::Fixture fixture_ = testing::tier2_run();
  std::filesystem::path folder_;
};

TEST_F(AbPageTest, IsWellFormedAndAsksNothingOfTheNetwork) {
  const AbPage page = render_ab_page(fixture_.data(), {});
  const auto document = testing::parse_markup(page.html);
  ASSERT_EQ(document.error, "");
  EXPECT_EQ(document.elements.front().name, "html");
  EXPECT_EQ(page.html.find("http://"), std::string::npos);
  EXPECT_EQ(page.html.find("https://"), std::string::npos);
  for (const char* fetcher : {"link", "iframe", "object", "embed", "base", "form", "img", "video"})
    EXPECT_TRUE(document.all(fetcher).empty()) << fetcher;
  for (const auto& element : document.elements)
    for (const auto& [name, value] : element.attributes) EXPECT_FALSE(name.starts_with("on") || name == "style" || name == "src") << name;
  for (const char* id : {"left", "right", "prompt", "wait", "trouble", "trial", "done", "undo", "progress", "count", "unstored", "rater",
                         "prefer-left", "prefer-right", "tie", "replay", "export", "anew", "trials"})
    EXPECT_NE(page.html.find(" id=\"" + std::string(id) + "\""), std::string::npos) << id << ", which the script looks for";
}

// If the policy named another digest, a browser would refuse script or style, and the page would be dead.
TEST_F(AbPageTest, PolicyNamesScriptAndStyleByTheirDigests) {
  const AbPage page = render_ab_page(fixture_.data(), {});
  for (const auto text : {ab_script(), ab_style()}) {
    EXPECT_NE(page.html.find(">" + std::string(text) + "</"), std::string::npos);
    EXPECT_NE(page.html.find(escaped("'" + policy_digest(text) + "'")), std::string::npos);
  }
  EXPECT_NE(page.html.find("default-src"), std::string::npos);
}

TEST_F(AbPageTest, NamesNeitherConfigurationsNorHashesNorTheRun) {
  fixture_.run.run_id = "20261122-083000-fp8_full";
  keep_all("fp8_full");
  const AbPage page = render_ab_page(fixture_.data(), {});
  const std::string text = without_clips(page.html);
  EXPECT_EQ(text.find(fixture_.run.run_id), std::string::npos);
  for (const auto& record : fixture_.run.configurations) {
    EXPECT_EQ(text.find(record.configuration.id), std::string::npos) << record.configuration.id;
    for (const auto& cell : record.cells)
      for (const auto& secret : {cell.clip_hash, cell.clip_file})
        EXPECT_TRUE(secret.empty() || text.find(secret) == std::string::npos) << secret;
  }
}

TEST_F(AbPageTest, HostilePromptStaysText) {
  keep_all("fp8_full");
  const AbPage page = render_ab_page(fixture_.data(), {});
  EXPECT_EQ(page.html.find("<script>alert"), std::string::npos);
  EXPECT_EQ(testing::parse_markup(page.html).all("script").size(), 2U);
  bool found = false;
  const Json data = data_of(page.html);
  for (const auto& trial : data["trials"]) found = found || trial["prompt"].get<std::string>().starts_with("</td></table><script>alert");
  EXPECT_TRUE(found);
}

TEST_F(AbPageTest, SidesAreThoseThatTheGateWillAssume) {
  keep_all("fp8_full");
  const AbPage page = render_ab_page(fixture_.data(), {.seed = 5});
  const Json data = data_of(page.html);
  EXPECT_EQ(data["run"], gate::ab_run_digest(fixture_.run));
  EXPECT_EQ(data["page"], page.id);
  EXPECT_EQ(data["seed"], 5);
  EXPECT_EQ(data["media"], "png");
  const auto clip = [&](const char* file) {
    const VideoClip whole = media::read_clip(folder_ / file);
    const auto png = media::encode_png(whole.frame(16), whole.height, whole.width);
    return base64({reinterpret_cast<const char*>(png.data()), png.size()});
  };
  const std::string candidate = clip("fp8_full-clockwork.safetensors"), baseline = clip("bf16-clockwork.safetensors");
  ASSERT_NE(candidate, baseline);
  std::size_t met = 0;
  for (const auto& trial : data["trials"]) {
    const auto is_this = [&](const gate::AbTrial& one) { return one.id == trial["id"]; };
    const auto known = gate::ab_trials(fixture_.run, 5);
    const auto found = std::find_if(known.begin(), known.end(), is_this);
    ASSERT_NE(found, known.end());
    ASSERT_EQ(trial["left"].size(), 17U);
    EXPECT_EQ(trial["left"][16], found->candidate_left ? candidate : baseline);
    EXPECT_EQ(trial["right"][16], found->candidate_left ? baseline : candidate);
    ++met;
  }
  EXPECT_EQ(met, page.trials + page.repeats);
  EXPECT_EQ(page.trials, 12U);
  EXPECT_EQ(page.repeats, 2U);
}

TEST_F(AbPageTest, SameSeedSamePageAndAnotherSeedAnotherOne) {
  keep_all("fp8_full");
  const AbPage page = render_ab_page(fixture_.data(), {.seed = 1});
  EXPECT_EQ(page.html, render_ab_page(fixture_.data(), {.seed = 1}).html);
  EXPECT_NE(page.id, render_ab_page(fixture_.data(), {.seed = 2}).id);
}

TEST_F(AbPageTest, ALimitLeavesOutAndSaysSo) {
  keep_all("fp8_full");
  const AbPage page = render_ab_page(fixture_.data(), {.trials = 5});
  EXPECT_EQ(page.trials, 5U);
  EXPECT_EQ(page.repeats, 1U);
  EXPECT_EQ(page.left_out, 7U);
  EXPECT_GT(page.without_clips, 0U);
  EXPECT_NE(page.html.find("7 further pairs left out"), std::string::npos);
  EXPECT_NE(page.html.find("as PNG, without loss"), std::string::npos);
}

TEST_F(AbPageTest, ShowsH264WhereItCanBeWritten) {
  if (!media::can_write_mp4()) GTEST_SKIP() << "this build cannot write .mp4";
  fixture_.run.shape.width = 128;
  const AbPage page = render_ab_page(fixture_.data(), {});
  const Json data = data_of(page.html);
  EXPECT_EQ(data["media"], "mp4");
  ASSERT_EQ(data["trials"][0]["left"].size(), 1U);
  EXPECT_NE(data["trials"][0]["left"], data["trials"][0]["right"]);
  EXPECT_NE(page.html.find("H.264, a lossy code"), std::string::npos);
}

TEST_F(AbPageTest, WithoutClipsThereIsOneClearError) {
  for (auto& record : fixture_.run.configurations)
    for (auto& cell : record.cells) cell.clip_file.clear();
  EXPECT_USAGE_ERROR(render_ab_page(fixture_.data(), {}), HasSubstr("--keep-clips"));
  const auto nothing = testing::empty_run();
  EXPECT_USAGE_ERROR(render_ab_page(nothing.data(), {}), HasSubstr("nothing to compare"));
}

// --- the reports ---

// Else the file would say that all is well while the exit status says 1.
TEST(HumanAbJunit, WhatPeopleRefuseIsAFailureAndWhatNobodySawNoCase) {
  const auto fixture = testing::tier2_run();
  gate::HumanAb people;
  people.verdicts = {{.configuration = "int8_linear", .baseline = "bf16", .losses = 10}, {.configuration = "phase0", .baseline = "bf16"}};
  for (auto& verdict : people.verdicts) gate::decide(verdict, people.margin);
  Dataset data = fixture.data();
  data.people = &people;
  const std::string junit = render_junit(data);
  const auto document = testing::parse_markup(junit.substr(junit.find("?>\n") + 3));
  EXPECT_EQ(document.error, "");
  std::vector<std::string> asked;
  for (const auto* one : document.all("testcase"))
    if (one->attributes.at("name") == "people, blind trials") asked.push_back(one->attributes.at("classname"));
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_TRUE(asked[0].ends_with("int8_linear"));
  EXPECT_NE(junit.find("message=\"failed: baseline_preferred"), std::string::npos);
}

TEST(HumanAbSection, SaysWhenNobodyWasAskedAndShowsWhatPeopleSaid) {
  const auto fixture = testing::tier2_run();
  EXPECT_NE(render_html(fixture.data()).find("No votes of people were read"), std::string::npos);
  gate::HumanAb people{.sheets = 2, .raters = {"A <b>"}, .answered = 12, .median_answer_s = 2.5, .consistency = {.repeats = 2, .same = 1}};
  people.verdicts = {{.configuration = "fp8_full", .baseline = "bf16", .losses = 10}, {.configuration = "int8_linear", .baseline = "bf16"}};
  for (auto& verdict : people.verdicts) gate::decide(verdict, people.margin);
  Dataset data = fixture.data();
  data.people = &people;
  const std::string html = render_html(data);
  EXPECT_EQ(testing::parse_markup(html).error, "");
  for (const char* text : {"Human A/B", "0.0 to 30.8 %", "2 sittings, 12 answers", "baseline_preferred", "A &lt;b&gt;", "no_votes"})
    EXPECT_NE(html.find(text), std::string::npos) << text;
}

}  // namespace
}  // namespace wan::reports
