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

// Frames as a file would give them: into the buffer, which is overwritten as soon as it may be.
class Streamed final : public ClipSource {
 public:
  explicit Streamed(const VideoClip& clip) : clip_(source_of(clip)) { format_ = clip_->format(); }
  std::span<const std::uint8_t> next(std::span<std::uint8_t> buffer) override {
    const auto frame = clip_->next({});
    std::copy(frame.begin(), frame.end(), buffer.begin());
    return buffer;
  }

 private:
  std::unique_ptr<ClipSource> clip_;
};

// The number of threads is also that of the frames measured together.
TEST(Scorer, EqualAtAnyThreadCountAndInstructionSetInMemoryAndStreamed) {
  for (const testing::Size& size :
       {testing::Size{7, 133, 450}, testing::Size{1, 40, 33}, testing::Size{2, 161, 40}, testing::Size{40, 34, 35}}) {
    const VideoClip clip = testing::moving_ramps(size);
    const VideoClip other = testing::noisy(clip, 12);
    ScoreRequest request{.metrics = default_metrics(), .threads = 1, .simd = Simd::baseline};
    const QualityScores single = score(clip, other, request);
    for (const Simd simd : available_simd())
      for (const int threads : {1, 2, 3, 16}) {
        request.threads = threads;
        request.simd = simd;
        EXPECT_EQ(score(clip, other, request), single) << threads << ' ' << to_string(simd);
        Streamed reference(clip), candidate(other);
        EXPECT_EQ(score(reference, candidate, request), single) << threads << ' ' << to_string(simd);
      }
  }
}

class Broken final : public ClipSource {
 public:
  explicit Broken(const VideoClip& clip) { format_ = source_of(clip)->format(); }
  std::span<const std::uint8_t> next(std::span<std::uint8_t> buffer) override {
    if (++asked_ == 5) throw UsageError("clip.y4m: frame 4 is damaged");
    return buffer;
  }

 private:
  int asked_ = 0;
};

TEST(Scorer, AFrameThatCannotBeReadIsAnErrorOfTheClip) {
  const VideoClip clip = testing::moving_ramps({9, 133, 450});
  for (const int threads : {1, 4}) {
    Broken broken(clip);
    try {
      score(*source_of(clip), broken, {.metrics = {{"psnr"}}, .threads = threads});
      ADD_FAILURE() << "accepted";
    } catch (const UsageError& e) {
      EXPECT_THAT(e.what(), HasSubstr("frame 4 is damaged"));
    }
  }
}

TEST(Scorer, RefusesClipsOfDifferentRatesWhereBothAreKnown) {
  VideoClip clip = testing::flat({2, 16, 16}, 0), faster = clip;
  faster.frames_per_second = 24;
  EXPECT_THAT(message_of(clip, faster, {.metrics = {{"mse"}}}), HasSubstr("16 frames per second, candidate 24"));
  clip.frames_per_second = 24000.0 / 1001, faster.frames_per_second = 23.976;
  EXPECT_EQ(message_of(clip, faster, {.metrics = {{"mse"}}}), "no error");
}

// One definition a quantity, and nothing that takes tenths of a second a frame; every detector.
TEST(Scorer, ByDefaultARecordKeepsTheseScores) {
  std::set<std::string> scores;
  for (const MetricChoice& choice : default_metrics()) {
    EXPECT_TRUE(choice.if_it_applies) << choice.id;
    scores.insert(choice.id);
  }
  for (const MetricInfo& info : list_metrics()) {
    if (!info.detector) continue;
    EXPECT_EQ(scores.erase(info.id), 1u) << info.id;
  }
  EXPECT_EQ(scores, (std::set<std::string>{"adherence.world", "flicker.still", "lpips.alex", "motion", "mse", "psnr", "ssim.ipol"}));
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
