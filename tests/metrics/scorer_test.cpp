#include "metrics/scorer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "engine/base/error.h"
#include "metrics/metric.h"
#include "tests/support/metrics/synthetic_clip.h"

namespace wan::metrics {
namespace {

using ::testing::HasSubstr;

std::string message_of(const VideoClip& reference, const VideoClip& candidate, const ScoreRequest& request) {
  try {
    score(reference, candidate, request);
  } catch (const UsageError& e) {
    return e.what();
  }
  return "no error";
}

std::vector<std::string> ids_of(const QualityScores& scores) {
  std::vector<std::string> ids;
  for (const Score& score : scores.scores) ids.push_back(score.metric);
  return ids;
}

TEST(Scorer, GivesEveryScoreOfAMetricOrTheOneNamed) {
  const VideoClip clip = testing::moving_ramps({2, 16, 16});
  EXPECT_EQ(ids_of(score(clip, clip, {.metrics = {{"psnr"}, {"mse"}}})), (std::vector<std::string>{"psnr", "psnr.pooled", "mse"}));
  EXPECT_EQ(ids_of(score(clip, clip, {.metrics = {{"psnr.pooled"}}})), (std::vector<std::string>{"psnr.pooled"}));
  EXPECT_EQ(ids_of(score(clip, clip, {.metrics = {{"mse"}, {"mse"}}})), (std::vector<std::string>{"mse"}));
}

TEST(Scorer, LabelsScoresWithWhatTheMetricTells) {
  const VideoClip clip = testing::moving_ramps({2, 16, 16});
  const QualityScores scores = score(clip, testing::noisy(clip, 3), {.metrics = {{"psnr"}}});
  const Score& psnr = *scores.find("psnr");
  EXPECT_EQ(psnr.unit, "dB");
  EXPECT_EQ(psnr.direction, Direction::higher_is_better);
  EXPECT_EQ(psnr.version, 1);
  EXPECT_EQ(psnr.options_hash, "");
  EXPECT_EQ(psnr.pooled.mean, (psnr.per_frame[0] + psnr.per_frame[1]) / 2);
}

TEST(Scorer, UnknownIdNamesTheNearest) {
  const VideoClip clip = testing::flat({1, 16, 16}, 0);
  EXPECT_THAT(message_of(clip, clip, {.metrics = {{"ssim.ipo"}}}), HasSubstr("did you mean 'ssim.ipol'"));
  const std::string both = message_of(clip, clip, {.metrics = {{"psnr.poled"}, {"mse"}, {"something_else"}}});
  EXPECT_THAT(both, HasSubstr("did you mean 'psnr.pooled'"));
  EXPECT_THAT(both, HasSubstr("'something_else'; this build has"));
}

TEST(Scorer, UnknownParameterIsAFaultOfTheUser) {
  const VideoClip clip = testing::flat({1, 16, 16}, 0);
  EXPECT_THAT(message_of(clip, clip, {.metrics = {{"mse", {{"window", std::int64_t{7}}}}}}), HasSubstr("window"));
}

TEST(Scorer, RefusesClipsThatDiffer) {
  const VideoClip clip = testing::flat({2, 16, 16}, 0);
  for (const testing::Size& size : {testing::Size{3, 16, 16}, testing::Size{2, 17, 16}, testing::Size{2, 16, 15}})
    EXPECT_THAT(message_of(clip, testing::flat(size, 0), {.metrics = {{"mse"}}}), HasSubstr("the clips differ"));
  EXPECT_THAT(message_of({}, {}, {.metrics = {{"mse"}}}), HasSubstr("nothing to compare"));
}

TEST(Scorer, OneRefusalLeavesTheOthers) {
  const VideoClip clip = testing::flat({2, 8, 8}, 10);
  const QualityScores scores = score(clip, testing::flat({2, 8, 8}, 12), {.metrics = {{"ssim.ipol"}, {"mse"}}});
  ASSERT_EQ(ids_of(scores), (std::vector<std::string>{"ssim.ipol", "mse"}));
  EXPECT_THAT(scores.find("ssim.ipol")->error, HasSubstr("11x11"));
  EXPECT_EQ(scores.find("mse")->pooled.mean, 4);
}

TEST(Scorer, EqualAtAnyThreadCount) {
  const VideoClip clip = testing::moving_ramps({7, 133, 450});  // 1.2 MB: enough for helpers to start
  const VideoClip other = testing::noisy(clip, 12);
  ScoreRequest request{.metrics = {{"mse"}, {"psnr"}, {"ssim.ipol"}}, .threads = 1};
  const QualityScores single = score(clip, other, request);
  for (const int threads : {2, 3, 16}) {
    request.threads = threads;
    EXPECT_EQ(score(clip, other, request), single) << threads;
  }
}

TEST(Scorer, NullGivesNothing) {
  const VideoClip clip = testing::flat({2, 8, 8}, 10);
  EXPECT_EQ(score(clip, clip, {.metrics = {{"null"}}}), QualityScores{});
}

// A file's name is its constant; an id is the same with dots. Two files cannot claim one id or one score.
TEST(Catalogue, IdsFollowFileNames) {
  std::set<std::string> files, ids, scores;
  for (const auto& entry : std::filesystem::directory_iterator(WAN_SOURCE_DIR "/metrics/catalogue"))
    if (entry.path().extension() == ".cpp") files.insert(entry.path().stem().string());
  for (const MetricInfo& info : list_metrics()) {
    EXPECT_FALSE(info.summary.empty()) << info.id;
    for (const std::string& id : info.scores) EXPECT_TRUE(scores.insert(id).second) << id << " is given twice";
    EXPECT_TRUE(info.scores.empty() || info.scores.front() == info.id) << info.id;
    std::string name = info.id;
    std::replace(name.begin(), name.end(), '.', '_');
    EXPECT_TRUE(ids.insert(name).second) << info.id;
  }
  EXPECT_EQ(ids, files);
}

}  // namespace
}  // namespace wan::metrics
