#include "metrics/sets/set_comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/csrc/jit/api/module.h>

#include <filesystem>

#include "engine/base/error.h"
#include "engine/base/sha256.h"
#include "engine/io/json.h"
#include "metrics/sets/frechet.h"
#include "tests/support/metrics/synthetic_clip.h"

namespace wan::metrics::sets {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::ThrowsMessage;
using ::wan::testing::flat;
using ::wan::testing::moving_ramps;
using ::wan::testing::noisy;

const std::string kDataDir = WAN_BINARY_DIR "/share/wan-eval/data";

// Mean level and length.
class TinyExtractor final : public Extractor {
 public:
  const ExtractorInfo& info() const override { return info_; }
  std::vector<double> extract(const VideoClip& clip, int) override {
    double sum = 0;
    for (const std::uint8_t byte : clip.rgb) sum += byte;
    return {sum / static_cast<double>(clip.rgb.size()), static_cast<double>(clip.frames)};
  }

 private:
  ExtractorInfo info_{.name = "tiny", .sha256 = "00ff", .normaliser = "0..255", .features = "mean"};
};

std::vector<SetClip> levels(const std::vector<int>& values, std::int64_t frames = 3) {
  std::vector<SetClip> sources;
  for (const int value : values)
    sources.push_back({.name = "clip", .read = [=] { return flat({frames, 16, 16}, static_cast<std::uint8_t>(value)); }});
  return sources;
}

SetRequest request(bool paired = true) { return {.bootstrap = {.resamples = 20, .paired = paired}}; }

// Means 20 and 25, variances (N-1) 100 and 400, the second feature constant: 5^2 + (10 - 20)^2.
TEST(CompareSets, GivesValueIntervalAndWhatItIsOf) {
  TinyExtractor extractor;
  const SetComparison found = compare_sets(levels({10, 20, 30}), levels({5, 25, 45}), extractor, request());
  ASSERT_THAT(found.scores, SizeIs(3));
  EXPECT_EQ(found.scores[0].metric, "frechet.tiny");
  EXPECT_NEAR(found.scores[0].value, 125, 1e-9);
  EXPECT_EQ(found.scores[0].definition, "covariance N-1, nuclear_norm");
  EXPECT_EQ(found.scores[1].definition, "kernel (x.y/d + 1)^3, unbiased_paired");
  for (const SetScore& score : found.scores) EXPECT_LE(score.interval.value().low, score.interval.value().high) << score.metric;

  const io::JsonValue json = io::JsonValue::parse(to_json(found), "scores");
  EXPECT_EQ(json.at("extractor").at("name").as_string(), "tiny");
  EXPECT_EQ(json.at("extractor").at("sha256").as_string(), "00ff");
  EXPECT_EQ(json.at("extractor").at("resize").as_string(), "none");
  EXPECT_EQ(json.at("extractor").at("dimension").as_int(), 2);
  EXPECT_EQ(json.at("reference_clips").as_int(), 3);
  EXPECT_EQ(json.at("frames").as_int(), 3);
  EXPECT_TRUE(json.at("paired").as_bool());
  EXPECT_EQ(json.at("scores").at(0).at("value").as_double(), found.scores[0].value);
  EXPECT_EQ(json.at("scores").at(0).at("interval").at("resamples").as_int(), 20);
}

TEST(CompareSets, TakesTheMetricsAndFramesAskedFor) {
  TinyExtractor extractor;
  SetRequest wanted = request();
  wanted.metrics = {"mmd.kid"};
  wanted.frames = 2;
  wanted.bootstrap.resamples = 0;
  const SetComparison found = compare_sets(levels({10, 20}), levels({10, 20}), extractor, wanted);
  ASSERT_THAT(found.scores, SizeIs(1));
  EXPECT_EQ(found.frames, 2);
  EXPECT_EQ(found.scores[0].value, 0);
  EXPECT_FALSE(found.scores[0].interval);
}

TEST(CompareSets, RefusesWhatDoesNotBelongTogether) {
  TinyExtractor extractor;
  const auto compare = [&](const auto& a, const auto& b, SetRequest wanted) { compare_sets(a, b, extractor, wanted); };
  EXPECT_THAT([&] { compare(levels({1, 2}), levels({1, 2, 3}), request()); }, ThrowsMessage<UsageError>(HasSubstr("2 and 3 clips")));
  EXPECT_NO_THROW(compare(levels({1, 2}), levels({1, 2, 3}), request(false)));
  EXPECT_THAT([&] { compare(levels({1, 2}), levels({1, 2}, 4), request()); }, ThrowsMessage<UsageError>(HasSubstr("4 frames of 16x16")));
  SetRequest wanted = request();
  wanted.frames = 9;
  EXPECT_THAT([&] { compare(levels({1, 2}), levels({1, 2}), wanted); }, ThrowsMessage<UsageError>(HasSubstr("the first 9")));
  wanted = request();
  wanted.metrics = {"fvd"};
  EXPECT_THAT(
      [&] {
        compare(levels({1, 2}), levels({1, 2}), wanted);
      },
      ThrowsMessage<UsageError>(HasSubstr("unknown metric of sets 'fvd'")));
  const SetComparison single = compare_sets(levels({1}), levels({2}), extractor, request());
  EXPECT_THAT(single.scores[0].error, HasSubstr("at least two clips"));
  EXPECT_EQ(single.scores[2].error, "");  // the V-statistic has a value
}

class TorchScriptFileTest : public ::testing::Test {
 protected:
  TorchScriptFileTest() : path_(std::filesystem::path(::testing::TempDir()) / "set_extractor_test.pt") {}
  ~TorchScriptFileTest() override { std::filesystem::remove(path_); }
  std::string save(const std::string& forward) {
    torch::jit::Module module("extractor");
    module.define(forward);
    module.save(path_.string());
    return path_.string();
  }
  std::filesystem::path path_;
};

TEST_F(TorchScriptFileTest, GetsRgbInFramesOfBytes) {
  const std::string path = save("def forward(self, x):\n  return x.mean(3).mean(3).flatten(1)\n");  // [1, 3 T]
  VideoClip clip = flat({2, 4, 4}, 10);
  for (std::size_t i = 0; i < clip.rgb.size(); ++i)
    clip.rgb[i] = static_cast<std::uint8_t>(50 * (i % 3) + (i >= clip.rgb.size() / 2 ? 7 : 0));
  const auto extractor = torchscript_extractor({.path = path, .sha256 = sha256_file(path)});
  EXPECT_THAT(extractor->extract(clip, 1), ElementsAre(0, 7, 50, 57, 100, 107));
  EXPECT_EQ(extractor->info().sha256, sha256_file(path));
}

TEST_F(TorchScriptFileTest, IsRefusedIfItIsAnotherFileOrNone) {
  const std::string path = save("def forward(self, x):\n  return x.mean()\n");
  EXPECT_THAT([&] { torchscript_extractor({.path = path, .sha256 = "1234"}); }, ThrowsMessage<UsageError>(HasSubstr("expected 1234")));
  EXPECT_THAT([&] { torchscript_extractor({.path = "/nowhere.pt"}); }, ThrowsMessage<UsageError>(HasSubstr("no such file")));
  EXPECT_THAT(
      [&] {
        torchscript_extractor({.path = path})->extract(flat({2, 4, 4}, 1), 1);
      },
      ThrowsMessage<UsageError>(HasSubstr("wants [1, d]")));
}

TEST_F(TorchScriptFileTest, I3dIsCalledAsItsExportWantsAndNamesTheDistance) {
  const std::string path = save(
      "def forward(self, x, rescale: bool, resize: bool, return_features: bool):\n"
      "  y = x.flatten(1)[:, :400]\n"
      "  return y if rescale and resize and return_features else y[:, :1]\n");
  const auto extractor = i3d400_extractor({.path = path});
  EXPECT_THAT(extractor->extract(flat({10, 8, 8}, 3), 1), SizeIs(400));
  EXPECT_THAT([&] { extractor->extract(flat({9, 8, 8}, 3), 1); }, ThrowsMessage<UsageError>(HasSubstr("needs 10 frames")));
  const SetComparison found = compare_sets(levels({10, 20}, 10), levels({11, 23}, 10), *extractor, request());
  EXPECT_EQ(found.scores[0].metric, "fvd.i3d400");
  EXPECT_EQ(found.scores[1].metric, "mmd.kid.i3d400");
}

TEST(LpipsVggExtractor, ReducesAClipToMeansAndChanges) {
  if (!std::filesystem::exists(kDataDir + "/lpips_vgg.safetensors")) GTEST_SKIP() << "no VGG16 weights in " << kDataDir;
  const auto extractor = lpips_vgg_extractor(kDataDir);
  const VideoClip moving = moving_ramps({3, 64, 64});
  const std::vector<double> features = extractor->extract(moving, 1);
  ASSERT_THAT(features, SizeIs(1024));
  EXPECT_EQ(extractor->extract(moving, 3), features);
  const std::vector<double> still = extractor->extract(flat({3, 64, 64}, 90), 2);
  for (std::size_t c = 0; c < 512; ++c) EXPECT_EQ(still[512 + c], 0);
  EXPECT_GT(features[512], -1);
  EXPECT_NE(features, extractor->extract(noisy(moving, 20), 1));
  EXPECT_EQ(extractor->info().sha256, sha256_file(kDataDir + "/lpips_vgg.safetensors"));
  EXPECT_THROW(extractor->extract(flat({1, 64, 64}, 90), 1), UsageError);
}

TEST(LpipsVggExtractor, SaysWhatToRunForItsWeights) {
  EXPECT_THAT([] { lpips_vgg_extractor("/nowhere"); }, ThrowsMessage<UsageError>(HasSubstr("run ci/bootstrap")));
}

}  // namespace
}  // namespace wan::metrics::sets
