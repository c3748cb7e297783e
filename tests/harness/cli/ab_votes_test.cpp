// The whole way: a stored run, its page of blind trials, votes as its script exports them, and the gate's verdict.
#include "harness/cli/ab_votes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "harness/cli/eval_options.h"
#include "harness/cli/exit_status.h"
#include "harness/cli/stored_run.h"
#include "harness/gate/ab_trials.h"
#include "harness/run/clip_keeper.h"
#include "harness/store/result_store.h"
#include "tests/support/harness/ab_votes.h"
#include "tests/support/harness/records.h"
#include "tests/support/harness/temporary_folder.h"
#include "tests/support/usage_error.h"

namespace wan::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using Json = nlohmann::json;
using testing::Preferred;

// Six pairs of clips; the candidate's are darker.
fs::path run_with_clips(const fs::path& root) {
  store::RunRecord run = testing::good_run();
  run.shape.width = run.shape.height = 3;  // odd: PNG in every build
  store::RunFolder folder = store::RunFolder::create(root, run, "fast");
  run = folder.record();
  const run::ClipKeeper keeper(folder.path());
  for (auto& record : run.configurations)
    for (std::size_t i = 0; i < record.cells.size(); ++i) {
      VideoClip clip{.frames = 2, .height = 3, .width = 3};
      clip.rgb.assign(54, static_cast<std::uint8_t>(100 + i - (record.configuration.id == "fast" ? 50 : 0)));
      keeper.keep(clip, record.cells[i]);
    }
  folder.write_all(run);
  return folder.path();
}

class AbRoundTrip : public ::testing::Test {
 protected:
  AbRoundTrip() : run_(run_with_clips(root_.path())) {}

  Json page(std::uint64_t seed = 0) {
    EXPECT_EQ(report_run({.run = run_.string(), .ab = true, .ab_seed = seed}), 0);
    const std::string html = testing::read_file(run_ / "ab.html"), mark = "type=\"application/json\">";
    const std::size_t begin = html.find(mark) + mark.size();
    return Json::parse(html.substr(begin, html.find("</script>", begin) - begin));
  }

  // As the page's script puts them together.
  fs::path vote(const Json& page, const std::string& name, Preferred preferred, const fs::path& folder) {
    const auto record = read_stored_run(run_).record;
    const auto trials = gate::ab_trials(record, page["seed"].get<std::uint64_t>());
    Json votes{{"schema", 1}, {"run", page["run"]}, {"page", page["page"]}, {"seed", page["seed"]}, {"sitting", name}, {"rater", name}};
    for (const auto& shown : page["trials"]) {
      const auto found = std::find_if(trials.begin(), trials.end(), [&](const auto& trial) { return trial.id == shown["id"]; });
      EXPECT_NE(found, trials.end());
      votes["trials"].push_back({{"id", shown["id"]}, {"choice", to_string(testing::choice_of(*found, preferred))}, {"ms", 700}});
    }
    fs::create_directories(folder);
    std::ofstream(folder / (name + ".json")) << votes.dump(1) << "\n";
    return folder / (name + ".json");
  }

  Json gate(const std::vector<std::string>& votes, int& status) {
    const std::string out = (root_.path() / "out.json").string();
    status = judge_run({.run = run_.string(), .votes = votes, .outputs = {.json = out}});
    return Json::parse(testing::read_file(out));
  }

  testing::TemporaryFolder root_;
  fs::path run_;
};

TEST_F(AbRoundTrip, VotesForAndAgainstDecideTheExitStatus) {
  const Json shown = page();
  ASSERT_EQ(shown["trials"].size(), 7U);
  int status = -1;
  const int without = judge_run({.run = run_.string()});
  std::vector<std::string> likes, dislikes;
  for (const char* name : {"a", "b", "c"}) {
    likes.push_back(vote(shown, std::string("like_") + name, Preferred::candidate, root_.path() / "in").string());
    dislikes.push_back(vote(shown, std::string("dislike_") + name, Preferred::baseline, root_.path() / "in").string());
  }
  Json result = gate(likes, status);
  EXPECT_EQ(status, without) << "people hold, so the rest decides";
  EXPECT_EQ(result["human_ab"]["outcome"], "held");
  EXPECT_EQ(result["human_ab"]["configurations"][0]["wins"], 18);
  EXPECT_EQ(result["human_ab"]["configurations"][0]["configuration"], "fast");
  EXPECT_EQ(result["human_ab"]["repeats_same"], 3);
  result = gate(dislikes, status);
  EXPECT_EQ(status, static_cast<int>(ExitStatus::failed));
  EXPECT_EQ(result["human_ab"]["configurations"][0]["losses"], 18);
  EXPECT_EQ(result["human_ab"]["outcome"], "failed");
  EXPECT_EQ(judge_run({.run = run_.string(), .votes = dislikes, .outputs = {.exit_zero = true}}), 0);
}

TEST_F(AbRoundTrip, APageOfAnotherSeedPoolsWithTheFirst) {
  const auto first = vote(page(1), "a", Preferred::candidate, root_.path() / "in"),
             second = vote(page(2), "b", Preferred::candidate, root_.path() / "in");
  int status = -1;
  EXPECT_EQ(gate({first.string(), second.string()}, status)["human_ab"]["configurations"][0]["wins"], 12);
}

TEST_F(AbRoundTrip, TheReportReadsTheFolderOfVotes) {
  EXPECT_EQ(report_run({.run = run_.string()}), 0);
  EXPECT_THAT(testing::read_file(run_ / "report.html"), HasSubstr("No votes of people were read"));
  const auto file = vote(page(), "Ada", Preferred::neither, run_ / kVotesFolder);
  EXPECT_EQ(report_run({.run = run_.string()}), 0);
  EXPECT_THAT(testing::read_file(run_ / "report.html"), HasSubstr("only_ties"));
  fs::copy_file(file, run_ / kVotesFolder / "copy.json");
  EXPECT_USAGE_ERROR(report_run({.run = run_.string()}), HasSubstr("the same sitting"));
}

TEST_F(AbRoundTrip, VotesOfAnotherRunAreRefused) {
  const auto file = vote(page(), "a", Preferred::candidate, root_.path() / "in");
  testing::TemporaryFolder elsewhere;
  store::RunRecord other = testing::good_run();
  other.plan_hash = "another";
  store::RunFolder folder = store::RunFolder::create(elsewhere.path(), other, "other");
  other = folder.record();
  folder.write_all(other);
  EXPECT_USAGE_ERROR(judge_run({.run = folder.path().string(), .votes = {file.string()}}), HasSubstr("another run"));
  EXPECT_USAGE_ERROR(judge_run({.run = run_.string(), .votes = {(root_.path() / "none.json").string()}}), HasSubstr("none.json"));
}

TEST_F(AbRoundTrip, ASingleFileHasNoClipsAndARunWithoutThemNoPage) {
  EXPECT_USAGE_ERROR(report_run({.run = "x.json", .ab = true}), HasSubstr("x.json"));
  fs::remove_all(run_ / "clips");
  EXPECT_USAGE_ERROR(report_run({.run = run_.string(), .ab = true}), HasSubstr("--keep-clips"));
}

TEST(AbText, ShowsEveryConfigurationAndTheConvention) {
  const auto run = testing::good_run();
  const auto sheet = testing::sheet_of(run, 1, "a", [](const gate::AbTrial&) { return Preferred::baseline; });
  const std::string text = ab_text(gate::judge_votes(run, std::vector<gate::NamedSheet>{{"a", sheet}}));
  for (const char* part : {"fast", "0.0 to 45.9 %", "0.031", "1 of 1 same", "inconclusive", "Ties stand apart", "above 40.0 %"})
    EXPECT_THAT(text, HasSubstr(part));
}

TEST(AbExitStatus, TheGraverOfBothCounts) {
  const auto verdict = [](gate::Outcome outcome) { return std::vector<gate::Verdict>{{.configuration = "fast", .overall = outcome}}; };
  const auto people = [](gate::Outcome outcome) {
    return gate::HumanAb{.verdicts = {{.configuration = "fast", .baseline = "bf16", .outcome = outcome}}};
  };
  using gate::Outcome;
  EXPECT_EQ(exit_status(verdict(Outcome::held), people(Outcome::held)), ExitStatus::held);
  EXPECT_EQ(exit_status(verdict(Outcome::held), people(Outcome::failed)), ExitStatus::failed);
  EXPECT_EQ(exit_status(verdict(Outcome::held), people(Outcome::inconclusive)), ExitStatus::inconclusive);
  EXPECT_EQ(exit_status(verdict(Outcome::held), people(Outcome::not_measured)), ExitStatus::inconclusive);
  EXPECT_EQ(exit_status(verdict(Outcome::rejected), people(Outcome::held)), ExitStatus::failed);
  EXPECT_EQ(exit_status(verdict(Outcome::invalid), people(Outcome::inconclusive)), ExitStatus::invalid);
  EXPECT_EQ(exit_status({}, people(Outcome::held)), ExitStatus::nothing);
}

}  // namespace
}  // namespace wan::cli
