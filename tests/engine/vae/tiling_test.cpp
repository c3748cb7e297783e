// Tiles and chunks of a decode against the whole: how far apart, and whether the tiles' pitch shows.
#include <ATen/Parallel.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cos.h>
#include <ATen/ops/sin.h>

#include "engine/vae/tiles.h"
#include "tests/engine/vae/fixtures.h"

namespace wan::vae {
namespace {

struct Architecture {
  const char* name;
  VaeConfig (*config)();
};

class CutVae : public testing::TestWithParam<Architecture> {
 protected:
  VaeConfig config_ = GetParam().config();
  std::shared_ptr<const Seams> seams_ = test::shared_reference_seams();
};

TEST_P(CutVae, ChunksAreBitEqualToTheWholeInFloat32) {
  const Vae vae(config_, make_weights(config_), seams_);
  const at::Tensor latents = waves({1, config_.z_dim, 6, 5, 7});
  const at::Tensor whole = vae.decode(latents);
  for (const int threads : {1, 2}) {
    at::set_num_threads(threads);
    for (const std::int64_t chunk : {1, 2, 3, 4, 5, 6, 9})
      EXPECT_EQ(max_error(vae.decode(latents, {.chunk_latent_frames = chunk}), whole), 0) << "chunk " << chunk << ", threads " << threads;
  }
}

// In float64 only the blocking of sums may differ: tiles are the whole picture, not near it.
TEST_P(CutVae, TilesAreTheWholeInFloat64) {
  const Vae vae(config_, make_weights(config_, at::kDouble), seams_);
  const at::Tensor latents = waves({1, config_.z_dim, 3, 13, 22}, at::kDouble);
  const at::Tensor whole = vae.decode(latents);
  const std::int64_t least = 2 * tile_margin(config_) + 1;
  for (const std::int64_t tile : {least, least + 4, std::int64_t{13}, std::int64_t{21}})
    for (const std::int64_t chunk : {0, 1, 2})
      EXPECT_LT(max_error(vae.decode(latents, {.chunk_latent_frames = chunk, .tile = tile}), whole), 1e-12)
          << "tile " << tile << ", chunk " << chunk;
}

// The margin is the least that does: with the picture's edge one position nearer than that, pixels change.
TEST_P(CutVae, ANarrowerMarginWouldShow) {
  const Vae vae(config_, make_weights(config_, at::kDouble), seams_);
  const std::int64_t margin = tile_margin(config_), scale = config_.spatial_factor();
  const at::Tensor latents = waves({1, config_.z_dim, 1, 2 * margin, 2 * margin + 9}, at::kDouble);
  const at::Tensor tiled = vae.decode(latents, {.tile = 2 * margin + 1});
  const at::Tensor whole = vae.decode(latents);
  EXPECT_LT(max_error(tiled, whole), 1e-12);
  // Cut by hand with the attention's picture changed too: the deviation must be of the order of the signal beside the cut.
  const at::Tensor cut = vae.decode(latents.narrow(4, 0, margin + 2));
  EXPECT_GT(max_error(cut.narrow(4, cut.size(4) - scale, scale), whole.narrow(4, cut.size(4) - scale, scale)), 1e-3);
}

INSTANTIATE_TEST_SUITE_P(Architectures, CutVae,
                         testing::Values(Architecture{"wan21", small_config}, Architecture{"wan22", small_residual_config}),
                         [](const auto& info) { return std::string(info.param.name); });

// Power of a column profile [W] at `cycles` over its length.
double power_at(const at::Tensor& profile, double cycles) {
  const auto n = profile.numel();
  const at::Tensor angle = at::arange(n, profile.options()) * (2 * M_PI * cycles / static_cast<double>(n));
  const double re = (profile * at::cos(angle)).sum().item<double>(), im = (profile * at::sin(angle)).sum().item<double>();
  return (re * re + im * im) / static_cast<double>(n * n);
}

// The largest ratio of the power at the pitch and its first harmonics to the mean power at the frequencies around each, of the picture's
// mean rows; and the same of its columns. `pitches` and the width are whole numbers of one another's cycles.
double excess_at_pitch(const at::Tensor& difference, std::int64_t dim, double cycles) {
  std::vector<std::int64_t> others;
  for (std::int64_t d = 0; d < 5; ++d)
    if (d != dim) others.push_back(d);
  const at::Tensor profile = difference.square().mean(others);  // [W]: seams deviate with either sign
  double worst = 0;
  for (const int harmonic : {1, 2, 3}) {
    double around = 0;
    for (const double offset : {-2.0, -1.0, 1.0, 2.0}) around += power_at(profile, harmonic * cycles + offset) / 4;
    if (around > 0) worst = std::max(worst, power_at(profile, harmonic * cycles) / around);
  }
  return worst;
}

// A picture of real size (448 x 672) under the real architecture with fewer channels. 84 latent columns with margins of 7 make 5 tiles that
// keep 14 each in the middle: 6 cycles of the pitch; 56 rows make 3, 4 cycles.
class RealSize : public testing::Test {
 protected:
  static VaeConfig config() {
    VaeConfig config{.base_dim = 8, .decoder_base_dim = 8};
    config.latents_mean.assign(16, 0.1);
    config.latents_std.assign(16, 1.5);
    return config;
  }
  static constexpr std::int64_t kTile = 28;
  const VaeConfig config_ = config();
  const Vae vae_{config_, make_weights(config_), test::shared_reference_seams()};
  const at::Tensor latents_ = test::random_tensor({1, 16, 2, 56, 84}, 5) * 2.0;
};

// Rounding noise has a flat spectrum; the power of one bin of it is exponentially distributed, and the largest of six against the mean of
// four exceeds 20 in less than 1 of 1000 pictures.
constexpr double kMostExcess = 20.0;

double psnr_of_range_two(const at::Tensor& difference) {
  return 10 * std::log10(4.0 / difference.to(at::kDouble).square().mean().item<double>());
}

TEST_F(RealSize, TilesShowNoSeams) {
  const at::Tensor whole = vae_.decode(latents_);
  const at::Tensor difference = (vae_.decode(latents_, {.tile = kTile}) - whole).to(at::kDouble);
  EXPECT_GT(psnr_of_range_two(difference), 100.0) << "float32 rounding alone is below 1e-5 of the range";
  EXPECT_LT(excess_at_pitch(difference, 4, 6), kMostExcess);
  EXPECT_LT(excess_at_pitch(difference, 3, 4), kMostExcess);
}

// The instrument itself: tiles without margins must be found out by the same figures.
TEST_F(RealSize, TilesWithoutMarginsAreFoundOut) {
  const at::Tensor whole = vae_.decode(latents_);
  at::Tensor pasted = at::empty(whole.sizes(), whole.options());
  for (std::int64_t x = 0; x < 84; x += 14) pasted.narrow(4, 8 * x, 8 * 14).copy_(vae_.decode(latents_.narrow(4, x, 14).contiguous()));
  const at::Tensor difference = (pasted - whole).to(at::kDouble);
  EXPECT_LT(psnr_of_range_two(difference), 50.0);
  EXPECT_GT(excess_at_pitch(difference, 4, 6), kMostExcess);
}

}  // namespace
}  // namespace wan::vae
