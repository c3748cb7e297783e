// The page as a reader and a browser get it: whole, self-contained, escaped, and saying something even about nothing.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include "engine/base/sha256.h"
#include "reports/format.h"
#include "reports/render.h"
#include "tests/support/reports/fixture.h"
#include "tests/support/reports/golden.h"
#include "tests/support/reports/well_formed.h"

namespace wan::reports {
namespace {

using testing::Document;
using testing::Element;
using testing::parse_markup;

class RenderHtml : public ::testing::Test {
 protected:
  RenderHtml() : folder_(testing::own_folder()) { testing::keep_clips(fixture_, folder_); }
  ~RenderHtml() override { std::filesystem::remove_all(folder_); }

  testing::Fixture fixture_ = testing::tier2_run();
  std::filesystem::path folder_;
};

std::string attribute(const Element& element, const std::string& name) {
  const auto found = element.attributes.find(name);
  return found == element.attributes.end() ? "" : found->second;
}

const Element* section(const Document& document, const std::string& id) {
  for (const auto* element : document.all("section"))
    if (attribute(*element, "id") == id) return element;
  return nullptr;
}

// Headings, captions, column titles and row counts: what a reader finds on the page, without its numbers.
std::string outline(const Document& document) {
  std::string text;
  for (const auto& element : document.elements) {
    if (element.name == "h1" || element.name == "h2" || element.name == "h3") text += fmt::format("{} {}\n", element.name, element.text);
    if (element.name == "caption") text += fmt::format("  table: {}\n", element.text);
    if (element.name == "th" && attribute(element, "scope") == "col") text += fmt::format("    | {}\n", element.text);
    if (element.name == "tbody") text += fmt::format("    {}\n", count_of(element.children.size(), "row"));
    if (element.name == "svg" && attribute(element, "role") == "img")
      text += fmt::format("  chart: {}\n", attribute(element, "aria-label"));
    if (element.name == "img") text += fmt::format("  image: {}\n", attribute(element, "alt"));
    if (element.name == "p" && attribute(element, "class") == "warning") text += fmt::format("  warning: {}\n", element.text);
  }
  return text;
}

TEST_F(RenderHtml, MatchesGoldenOutline) {
  const auto document = parse_markup(render_html(fixture_.data()));
  ASSERT_EQ(document.error, "");
  testing::expect_golden(outline(document), "outline.txt");
}

TEST_F(RenderHtml, EveryTagIsClosedWhateverTheRun) {
  for (const auto& fixture : {fixture_, testing::empty_run(), testing::crashed_run()}) {
    const auto document = parse_markup(render_html(fixture.data()));
    EXPECT_EQ(document.error, "");
    EXPECT_EQ(document.elements.front().name, "html");
    EXPECT_EQ(attribute(document.elements.front(), "lang"), "en");
  }
}

TEST_F(RenderHtml, AsksNothingOfTheNetworkAndRunsNothing) {
  const std::string html = render_html(fixture_.data());
  const auto document = parse_markup(html);
  EXPECT_EQ(html.find("http://"), std::string::npos);
  EXPECT_EQ(html.find("https://"), std::string::npos);
  for (const char* fetcher : {"script", "link", "iframe", "object", "embed", "base", "form", "video", "audio"})
    EXPECT_TRUE(document.all(fetcher).empty()) << fetcher;
  for (const auto& element : document.elements) {
    for (const auto& [name, value] : element.attributes) {
      EXPECT_FALSE(name.starts_with("on")) << name;
      EXPECT_NE(name, "style");  // the policy would refuse it
      EXPECT_TRUE(name != "href" || value.starts_with("#")) << value;
      EXPECT_TRUE(name != "src" || value.starts_with("data:image/png;base64,")) << value.substr(0, 40);
    }
  }
  const std::size_t begin = html.find("<style>") + 7;
  const std::string style = html.substr(begin, html.find("</style>") - begin);
  EXPECT_EQ(style.find("url("), std::string::npos);
  EXPECT_EQ(style.find("@import"), std::string::npos);
}

std::string from_base64(const std::string& text) {
  static const std::string kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  unsigned group = 0, bits = 0;
  for (const char digit : text) {
    if (digit == '=') break;
    group = group << 6U | static_cast<unsigned>(kDigits.find(digit));
    bits += 6;
    if (bits >= 8) bytes += static_cast<char>(group >> (bits -= 8) & 0xFFU);
  }
  return bytes;
}

// A browser hashes the style element's text; if the policy named another digest, the page would come out without any style.
TEST_F(RenderHtml, PolicyNamesTheDigestOfTheStyle) {
  const std::string html = render_html(fixture_.data());
  const std::size_t begin = html.find("<style>") + 7;
  const std::string style = html.substr(begin, html.find("</style>") - begin);
  std::string policy;
  const auto document = parse_markup(html);
  for (const auto* meta : document.all("meta"))
    if (attribute(*meta, "http-equiv") == "Content-Security-Policy") policy = attribute(*meta, "content");
  EXPECT_TRUE(policy.starts_with("default-src 'none'")) << policy;
  const std::size_t digest = policy.find("'sha256-") + 8;
  std::string hex;
  for (const char byte : from_base64(policy.substr(digest, policy.find('\'', digest) - digest)))
    hex += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  EXPECT_EQ(hex, sha256_hex(style));
}

TEST_F(RenderHtml, HostileTextStaysText) {
  auto fixture = fixture_;
  fixture.run.command = fixture.run.model = fixture.run.tier_title = testing::kHostilePrompt;
  fixture.run.environment.warnings = {testing::kHostilePrompt};
  fixture.run.configurations[3].configuration.summary = testing::kHostilePrompt;
  const auto document = parse_markup(render_html(fixture.data()));
  ASSERT_EQ(document.error, "");
  EXPECT_TRUE(document.all("script").empty());
  std::size_t shown = 0;
  for (const auto* cell : document.all("td"))
    if (cell->text.find("</td></table><script>alert('x')</script> & \"quotes\"") != std::string::npos) ++shown;
  EXPECT_GE(shown, 4U);  // prompt, model, crash reason, summary
}

TEST_F(RenderHtml, EverySectionIsThereOnceAndListed) {
  const auto document = parse_markup(render_html(fixture_.data()));
  std::set<std::string> ids;
  for (const auto& element : document.elements)
    EXPECT_TRUE(!element.attributes.contains("id") || ids.insert(attribute(element, "id")).second) << attribute(element, "id");
  for (const auto* entry : catalogue()) EXPECT_TRUE(section(document, entry->id)) << entry->id;
  const auto links = document.all("a");
  EXPECT_EQ(links.size(), catalogue().size());
  for (const auto* link : links) EXPECT_TRUE(ids.contains(attribute(*link, "href").substr(1))) << attribute(*link, "href");
  std::set<int> orders;
  for (const auto* entry : catalogue()) EXPECT_TRUE(orders.insert(entry->order).second) << entry->id << " has the order of another section";
}

TEST_F(RenderHtml, CanBeReadWithoutSeeingIt) {
  const auto document = parse_markup(render_html(fixture_.data()));
  EXPECT_EQ(document.all("caption").size(), document.all("table").size());
  for (const auto* cell : document.all("th")) EXPECT_TRUE(cell->attributes.contains("scope"));
  ASSERT_FALSE(document.all("img").empty());
  for (const auto* image : document.all("img")) EXPECT_FALSE(attribute(*image, "alt").empty());
  for (const auto* drawing : document.all("svg"))
    EXPECT_TRUE(attribute(*drawing, "aria-hidden") == "true" || !attribute(*drawing, "aria-label").empty());
  // Colour never stands alone: a coloured cell begins with an icon, a badge carries its word.
  for (const char* style : {"best", "near", "worst"})
    for (const auto* cell : document.with_class(style)) {
      const std::string icon = cell->text.substr(0, cell->text.find(' '));
      EXPECT_EQ(display_width(icon), 1U) << cell->text;
    }
  for (const auto* badge : document.with_class("badge")) EXPECT_GT(badge->text.size(), 4U);
}

TEST_F(RenderHtml, InfinityIsInfAndNothingIsNan) {
  const auto document = parse_markup(render_html(fixture_.data()));
  const auto cells = document.all("td");
  EXPECT_TRUE(std::any_of(cells.begin(), cells.end(), [](const Element* cell) { return cell->text == "inf"; }));
  for (const auto* cell : cells) EXPECT_EQ(cell->text.find("nan"), std::string::npos) << cell->text;
  for (const auto& element : document.elements)
    for (const char* name : {"x", "y", "cx", "cy", "x1", "x2", "width"})
      EXPECT_EQ(attribute(element, name).find_first_of("in"), std::string::npos) << element.name << " " << name;
}

TEST_F(RenderHtml, WithoutDataEverySectionSaysSo) {
  const auto fixture = testing::empty_run();
  const auto document = parse_markup(render_html({.run = fixture.run, .verdicts = {}, .run_dir = {}}));
  for (const auto* entry : catalogue()) {
    const auto* part = section(document, entry->id);
    ASSERT_TRUE(part);
    EXPECT_GT(part->text.size(), entry->title.size() + 20) << entry->id;
  }
  store::RunRecord nothing;
  EXPECT_EQ(parse_markup(render_html({.run = nothing, .verdicts = {}, .run_dir = {}})).error, "");
}

TEST_F(RenderHtml, EveryReasonWithoutSpeedClaimNamesItsOwnConfigurations) {
  fixture_.run.configurations[2].speed_claimable = "fa2 needs a CUDA device";  // phase0
  const auto document = parse_markup(render_html(fixture_.data()));
  std::vector<std::string> warnings;
  for (const auto* warning : document.with_class("warning"))
    if (warning->text.starts_with("Not a speed claim")) warnings.push_back(warning->text);
  ASSERT_EQ(warnings.size(), 2U);
  EXPECT_EQ(warnings[0], "Not a speed claim on this device: fa2 needs a CUDA device. This concerns phase0.");
  EXPECT_TRUE(warnings[1].ends_with("This concerns fp8_ffn, fp8_full, tier2_all.")) << warnings[1];
}

TEST_F(RenderHtml, TimedStepsAreShownWithTheLoopThatTheyPredict) {
  fixture_.run.steps_a_visit = 3;
  fixture_.run.visits = {{.configuration = "phase0", .block = 0}};
  fixture_.run.visits[0].steps = {.prompt = "p",
                                  .clip_high_noise_steps = 6,
                                  .clip_low_noise_steps = 4,
                                  .high_noise_step_s = {0.25, 9.0, 0.25},
                                  .low_noise_step_s = {0.125},
                                  .run_s = {10}};
  const std::string page = render_html(fixture_.data());
  EXPECT_NE(page.find("Speed is judged by visits of 3 denoising steps of each expert after one load"), std::string::npos);
  for (const char* cell : {"Predicted loop", ">250 ms<", ">125 ms<", ">2.00 s<"}) EXPECT_NE(page.find(cell), std::string::npos) << cell;
}

TEST_F(RenderHtml, StaysSmallWithoutImages) {
  fixture_.run_dir.clear();
  EXPECT_LT(render_html(fixture_.data()).size(), 300'000U);  // 2 MB are allowed; this run has 84 clips
}

TEST_F(RenderHtml, SameRecordSamePage) { EXPECT_EQ(render_html(fixture_.data()), render_html(fixture_.data())); }

TEST_F(RenderHtml, ACriterionBelowTheLevelOfErrorsShowsItsLevel) {
  const std::string before = render_html(fixture_.data());
  EXPECT_EQ(before.find("(warn)"), std::string::npos);
  for (auto& verdict : fixture_.verdicts)
    for (auto& criterion : verdict.quality_roadmap.criteria)
      if (criterion.name == "lpips.alex") criterion.level = plan::Level::warn;
  EXPECT_NE(render_html(fixture_.data()).find("</span> (warn)"), std::string::npos);
  EXPECT_NE(render_junit(fixture_.data()).find("(level warn), value"), std::string::npos);
}

TEST_F(RenderHtml, SaysWhatBecameOfAnExtensionAndWhoseFloorItIs) {
  EXPECT_EQ(render_html(fixture_.data()).find("extension"), std::string::npos);
  fixture_.run.blocks = 12;
  fixture_.run.extension = {.blocks = 12};
  fixture_.run.floor_source = "this run: nothing is promoted for a laptop";
  std::string page = render_html(fixture_.data());
  EXPECT_NE(page.find("from 12 to 24 blocks was registered beforehand"), std::string::npos);
  EXPECT_NE(page.find("Noise floor of the calibrated gate: this run: nothing is promoted for a laptop."), std::string::npos);
  fixture_.run.extension.decided = true;
  EXPECT_NE(render_html(fixture_.data()).find("no speed was open, so it was not needed"), std::string::npos);
  fixture_.run.extension.configurations = {"fp8_ffn"};
  EXPECT_NE(render_html(fixture_.data()).find("it was used for fp8_ffn."), std::string::npos);
  fixture_.run.extension.unused = "over_budget: too long";
  EXPECT_NE(render_html(fixture_.data()).find("it was not used for fp8_ffn: over_budget: too long."), std::string::npos);
}

}  // namespace
}  // namespace wan::reports
