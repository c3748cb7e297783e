#include "harness/cli/production_samples.h"

#include <gtest/gtest.h>

#include <fstream>

#include "harness/rollout/evidence.h"
#include "harness/store/seal.h"
#include "metrics/score_json.h"
#include "tests/support/harness/records.h"
#include "tests/support/harness/rollouts.h"
#include "tests/support/harness/run_folders.h"
#include "tests/support/harness/temporary_folder.h"
#include "tests/support/usage_error.h"

namespace wan::cli {
namespace {

using ::testing::HasSubstr;

rollout::Subject subject() { return rollout::fixed_by(testing::fast_subject(), testing::evidence_run(1, 1)); }

class ProductionSamples : public ::testing::Test {
 protected:
  std::filesystem::path write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_.path() / name, std::ios::binary) << text;
    return folder_.path() / name;
  }
  testing::TemporaryFolder folder_;
};

TEST_F(ProductionSamples, RunsAndScoresBecomeClips) {
  store::RunRecord run = testing::evidence_run(2, 2);
  testing::candidate(run).cells[3].status = store::CellStatus::interrupted;
  run.complete = false;
  const auto folder = testing::store_run(folder_.path(), "run", run);
  const auto scores = write("scores.json", metrics::scores_to_json(testing::candidate(run).cells[0].scores));
  const auto samples = read_samples(std::vector{folder, scores, folder}, subject());
  ASSERT_EQ(samples.clips.cells.size(), 7u) << "three clips twice, and one";
  EXPECT_EQ(samples.clips.cells[0].prompt, "prompt number 0") << "its words, whatever a suite calls them";
  EXPECT_EQ(samples.clips.cells[3].prompt, scores.string());
  EXPECT_EQ(samples.clips.cells[3].scores.scores.size(), 4u);
  EXPECT_NE(samples.clips.cells[0].seed, samples.clips.cells[4].seed) << "made twice is two clips";
}

TEST_F(ProductionSamples, ARunsOwnGatesAreHeard) {
  store::RunRecord run = testing::evidence_run(6, 1);
  EXPECT_TRUE(read_samples(std::vector{testing::store_run(folder_.path(), "good", run)}, subject()).failures.empty());
  for (auto* visit : testing::visits(run, "fast")) visit->clip_s = {3.0};
  const auto samples = read_samples(std::vector{testing::store_run(folder_.path(), "slow", run)}, subject());
  ASSERT_EQ(samples.failures.size(), 1u);
  EXPECT_EQ(samples.failures[0].outcome, gate::Outcome::rejected);
  EXPECT_THAT(samples.failures[0].reason, HasSubstr("speed"));
}

TEST_F(ProductionSamples, RefusesWhatIsNone) {
  const auto read = [](const std::filesystem::path& path) { return read_samples(std::vector{path}, subject()); };
  EXPECT_USAGE_ERROR(read_samples({}, subject()), HasSubstr("no sample"));
  EXPECT_USAGE_ERROR(read("nowhere.json"), HasSubstr("nowhere.json"));
  EXPECT_USAGE_ERROR(read(write("list.json", "[1]")), HasSubstr("list.json"));
  EXPECT_USAGE_ERROR(read(write("torn.json", "{\"run_id")), HasSubstr("torn.json"));
  EXPECT_USAGE_ERROR(read(write("other.json", "{\"a\":1}")), HasSubstr("other.json"));
  store::RunRecord run = testing::evidence_run(1, 1);
  run.weights_hash = "others";
  EXPECT_USAGE_ERROR(read(testing::store_run(folder_.path(), "run", run)), HasSubstr("no sample of this rollout: other_weights"));
  const auto edited = testing::store_run(folder_.path(), "edited", testing::evidence_run(1, 1));
  testing::edit_file(edited / "cells.jsonl", "\"transformer_forwards\":20", "\"transformer_forwards\":21");
  EXPECT_THROW(read(edited), store::TamperError);
}

TEST_F(ProductionSamples, ListsNameOnePathALineRelativeToThemselves) {
  const auto list = write("list", "# of today\n\n a/b.json \r\nrun\n");
  EXPECT_EQ(read_sample_list(list), (std::vector{folder_.path() / " a/b.json", folder_.path() / "run"}));
  EXPECT_USAGE_ERROR(read_sample_list(folder_.path() / "none"), HasSubstr("none"));
}

}  // namespace
}  // namespace wan::cli
