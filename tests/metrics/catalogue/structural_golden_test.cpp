// The presets of SSIM and MS-SSIM against values that their tools gave for the same clips (tests/data/metrics/make_structural_golden.py).
#include <gtest/gtest.h>

#include "engine/io/json.h"
#include "metrics/scorer.h"
#include "tests/support/metrics/synthetic_clip.h"

namespace wan::metrics {
namespace {

// Tools in float64 agree to rounding. FFmpeg and libvmaf print six decimals of float32 results: half a unit of the last, and as much again
// for their arithmetic.
double tolerance_of(const std::string& id) { return id.ends_with("vmaf") || id.ends_with("ffmpeg") ? 1e-6 : 1e-9; }

TEST(StructuralGolden, EqualsTheTools) {
  const std::vector<std::string> ids = {"ssim.ipol",   "ssim.skimage7", "ssim.torchmetrics",     "ssim.pytorch_msssim", "ssim.svg",
                                        "ssim.ffmpeg", "ssim.vmaf",     "msssim.pytorch_msssim", "msssim.torchmetrics", "msssim.vmaf"};
  ScoreRequest request;
  for (const std::string& id : ids) request.metrics.push_back({id});
  const io::JsonValue cases = io::JsonValue::read(WAN_TEST_DATA "/metrics/structural_golden.json");
  ASSERT_GE(cases.size(), 14u);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const io::JsonValue golden = cases.at(i);
    const testing::Size size{golden.at("frames").as_int(), golden.at("height").as_int(), golden.at("width").as_int()};
    const io::JsonValue base = golden.at("base");
    const VideoClip reference =
        base.is_string() ? testing::moving_ramps(size) : testing::flat(size, static_cast<std::uint8_t>(base.as_int()));
    const VideoClip candidate = testing::noisy(reference, static_cast<int>(golden.at("amplitude").as_int()));
    const QualityScores scores = score(reference, candidate, request);
    for (const std::string& id : ids) {
      const Score& mine = *scores.find(id);
      if (golden.at(id).is_null()) {
        // libvmaf's tool also refuses sizes that its SSIM takes.
        EXPECT_TRUE(!mine.error.empty() || id == "ssim.vmaf") << golden.where() << ' ' << id;
        continue;
      }
      const std::vector<double> expected = golden.at(id).as_doubles();
      ASSERT_EQ(mine.per_frame.size(), expected.size()) << golden.where() << ' ' << id << ' ' << mine.error;
      for (std::size_t frame = 0; frame < expected.size(); ++frame)
        EXPECT_NEAR(mine.per_frame[frame], expected[frame], tolerance_of(id)) << golden.where() << ' ' << id << " frame " << frame;
    }
  }
}

}  // namespace
}  // namespace wan::metrics
