// mse, psnr and ssim.ipol against values that scikit-image gave for the same clips (tests/data/metrics/make_golden.py).
#include <gtest/gtest.h>

#include "engine/io/json.h"
#include "metrics/scorer.h"
#include "tests/support/metrics/synthetic_clip.h"

namespace wan::metrics {
namespace {

// 1e-9 is the tolerance against scikit-image's float64; both sides round differently in about 1e2 additions of 1e5-sized numbers.
constexpr double kTolerance = 1e-9;

VideoClip reference_of(const io::JsonValue& golden) {
  const testing::Size size{golden.at("frames").as_int(), golden.at("height").as_int(), golden.at("width").as_int()};
  const io::JsonValue base = golden.at("base");
  return base.is_string() ? testing::moving_ramps(size) : testing::flat(size, static_cast<std::uint8_t>(base.as_int()));
}

void expect_profile(const QualityScores& scores, const io::JsonValue& golden, const std::string& id) {
  const Score* score = scores.find(id);
  ASSERT_NE(score, nullptr) << id;
  EXPECT_EQ(score->error, "");
  const std::vector<double> expected = golden.at(id).as_doubles();
  ASSERT_EQ(score->per_frame.size(), expected.size()) << id;
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(score->per_frame[i], expected[i], kTolerance) << golden.where() << " " << id << " frame " << i;
}

TEST(GoldenScores, EqualScikitImage) {
  const io::JsonValue cases = io::JsonValue::read(WAN_TEST_DATA "/metrics/golden.json");
  ASSERT_GE(cases.size(), 9u);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const io::JsonValue golden = cases.at(i);
    const VideoClip reference = reference_of(golden);
    const VideoClip candidate = testing::noisy(reference, static_cast<int>(golden.at("amplitude").as_int()));
    const QualityScores scores = score(reference, candidate, {.metrics = {{"mse"}, {"psnr"}, {"ssim.ipol"}}});
    expect_profile(scores, golden, "mse");
    expect_profile(scores, golden, "psnr");
    expect_profile(scores, golden, "ssim.ipol");
    EXPECT_NEAR(scores.find("psnr.pooled")->pooled.mean, golden.at("psnr.pooled").as_double(), kTolerance);
    EXPECT_NEAR(scores.find("ssim.ipol")->pooled.p5, golden.at("ssim.ipol.p5").as_double(), kTolerance);
    EXPECT_NEAR(scores.find("ssim.ipol")->pooled.p95, golden.at("ssim.ipol.p95").as_double(), kTolerance);
  }
}

}  // namespace
}  // namespace wan::metrics
