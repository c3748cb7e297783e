// All metrics on LPIPS features against numpy in float64 (tests/data/metrics/make_lpips_golden.py). Without weights, skipped and counted.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "engine/io/json.h"
#include "engine/media/clip_file.h"
#include "metrics/scorer.h"
#include "tests/support/metrics/synthetic_clip.h"

namespace wan::metrics {
namespace {

using ::wan::testing::flat;
using ::wan::testing::moving_ramps;
using ::wan::testing::noisy;

const std::string kDataDir = WAN_BINARY_DIR "/share/wan-eval/data";

class Perceptual : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    const std::string file = GetParam().find("vgg") != std::string::npos ? "lpips_vgg.safetensors" : "lpips_alex.safetensors";
    if (!std::filesystem::exists(kDataDir + "/" + file)) GTEST_SKIP() << "no " << file << " in " << kDataDir;
  }
  static std::vector<double> values(const VideoClip& reference, const VideoClip& candidate, int threads = 2, ScoreCache* cache = nullptr) {
    const QualityScores scores =
        score(reference, candidate, {.metrics = {{GetParam()}}, .data_dir = kDataDir, .cache = cache, .threads = threads});
    EXPECT_EQ(scores.find(GetParam())->error, "");
    return scores.find(GetParam())->per_frame;
  }
};

std::string name_of(const ::testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

// Float32 sums of up to 4608 products in each of up to thirteen layers err by about sqrt(4608) * 6e-8 = 4e-6 of a feature at worst, some
// times that by Winograd's algorithm; the mean over positions and channels takes a factor of ten off, and errors of equal sign cancel in
// the difference. tLP is a hundred times a difference of two.
TEST_P(Perceptual, EqualsFloat64) {
  const double tolerance = GetParam() == "tlp.tecogan" ? 1e-4 : 1e-6;
  const io::JsonValue cases = io::JsonValue::read(WAN_TEST_DATA "/metrics/lpips_golden.json");
  ASSERT_GE(cases.size(), 7u);
  double worst = 0;
  for (std::size_t i = 0; i + 1 < cases.size(); ++i) {
    const io::JsonValue golden = cases.at(i);
    const auto expected = golden.at(GetParam()).as_doubles();
    if (expected.empty()) continue;
    const VideoClip clip = moving_ramps({golden.at("frames").as_int(), golden.at("height").as_int(), golden.at("width").as_int()});
    const auto found = values(clip, noisy(clip, static_cast<int>(golden.at("amplitude").as_int())));
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t frame = 0; frame < expected.size(); ++frame) {
      EXPECT_NEAR(found[frame], expected[frame], tolerance) << golden.where() << " frame " << frame;
      worst = std::max(worst, std::abs(found[frame] - expected[frame]));
    }
  }
  RecordProperty("largest_difference", std::to_string(worst * 1e9) + "e-9");
}

TEST_P(Perceptual, IdenticalIsExactlyZero) {
  const VideoClip clip = noisy(moving_ramps({3, 200, 200}), 40);
  for (const double value : values(clip, clip)) EXPECT_EQ(value, 0.0);
}

TEST_P(Perceptual, SymmetricToTheLastBit) {
  const VideoClip clip = moving_ramps({3, 50, 61});
  const VideoClip other = noisy(clip, 30);
  EXPECT_EQ(values(clip, other), values(other, clip));
}

TEST_P(Perceptual, EqualAtAnyThreadCountWithAndWithoutCache) {
  const VideoClip clip = moving_ramps({5, 72, 100});
  const VideoClip other = noisy(clip, 25);
  const auto single = values(clip, other, 1);
  ScoreCache cache;
  for (const int threads : {2, 3, 5}) EXPECT_EQ(values(clip, other, threads, &cache), single) << threads;
}

TEST_P(Perceptual, EqualAtEveryInstructionSet) {
  const VideoClip clip = moving_ramps({2, 40, 72});
  const VideoClip other = noisy(clip, 25);
  const auto best = values(clip, other);
  for (const Simd simd : available_simd()) {
    const QualityScores found = score(clip, other, {.metrics = {{GetParam()}}, .data_dir = kDataDir, .threads = 2, .simd = simd});
    EXPECT_EQ(found.find(GetParam())->per_frame, best) << to_string(simd);
  }
}

INSTANTIATE_TEST_SUITE_P(, Perceptual,
                         ::testing::Values("lpips.alex", "lpips.alex.spatialmean", "lpips.vgg", "lpips.vgg.spatialmean", "tlp.tecogan"),
                         name_of);

using PerceptualValues = Perceptual;
using PerceptualExamples = Perceptual;

// Black against white: 0.8140428 in double precision.
TEST_P(PerceptualValues, OfBlackAgainstWhite) {
  const io::JsonValue cases = io::JsonValue::read(WAN_TEST_DATA "/metrics/lpips_golden.json");
  const auto expected = cases.at(cases.size() - 1).at("black_and_white").at(GetParam()).as_doubles();
  EXPECT_NEAR(values(flat({1, 64, 64}, 0), flat({1, 64, 64}, 255)).at(0), expected.at(0), 1e-6);
}

// The example images of the LPIPS repository with its own float32 results.
TEST_P(PerceptualExamples, HaveTheReferencesValues) {
  const std::filesystem::path folder = WAN_TEST_DATA "/oracle/lpips";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is not there";
  const bool vgg = GetParam() == "lpips.vgg";
  const VideoClip reference = media::read_clip(folder / "ex_ref.png");
  EXPECT_NEAR(values(reference, media::read_clip(folder / "ex_p0.png")).at(0), vgg ? 0.5686128 : 0.7218807, 1e-6);
  EXPECT_NEAR(values(reference, media::read_clip(folder / "ex_p1.png")).at(0), vgg ? 0.4216643 : 0.1375656, 1e-6);
}

INSTANTIATE_TEST_SUITE_P(, PerceptualValues,
                         ::testing::Values("lpips.alex", "lpips.alex.spatialmean", "lpips.vgg", "lpips.vgg.spatialmean"), name_of);

INSTANTIATE_TEST_SUITE_P(, PerceptualExamples, ::testing::Values("lpips.alex", "lpips.vgg"), name_of);

// One comparison computes features once for all metrics on them; the numbers are those of each alone.
TEST(PerceptualTogether, ChangesNoNumber) {
  if (!std::filesystem::exists(kDataDir + "/lpips_alex.safetensors")) GTEST_SKIP() << "no weights";
  const VideoClip clip = moving_ramps({4, 64, 64});
  const VideoClip other = noisy(clip, 25);
  const std::vector<std::string> ids{"lpips.alex.spatialmean", "tlp.tecogan", "lpips.alex"};
  ScoreRequest request{.metrics = {}, .data_dir = kDataDir, .threads = 3};
  for (const auto& id : ids) request.metrics.push_back({id});
  const QualityScores together = score(clip, other, request);
  for (const auto& id : ids) {
    request.metrics = {{id}};
    EXPECT_EQ(*together.find(id), *score(clip, other, request).find(id)) << id;
  }
}

TEST(TlpTecogan, NeedsTwoFrames) {
  const VideoClip clip = moving_ramps({1, 64, 64});
  EXPECT_NE(score(clip, clip, {.metrics = {{"tlp.tecogan"}}}).find("tlp.tecogan")->error.find("consecutive frames"), std::string::npos);
  EXPECT_EQ(score(clip, clip, {.metrics = {{.id = "tlp.tecogan", .if_it_applies = true}}}).find("tlp.tecogan"), nullptr);
}

TEST(LpipsVgg, SaysWhatToRunForItsWeights) {
  const VideoClip clip = moving_ramps({1, 64, 64});
  const std::string error = score(clip, clip, {.metrics = {{"lpips.vgg"}}, .data_dir = "/nowhere"}).find("lpips.vgg")->error;
  EXPECT_NE(error.find("/nowhere/lpips_vgg.safetensors is not there; run ci/bootstrap"), std::string::npos) << error;
}

}  // namespace
}  // namespace wan::metrics
