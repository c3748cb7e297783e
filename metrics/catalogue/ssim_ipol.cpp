// Structural similarity, the definition of Wang et al. 2004 as IPOL and scikit-image (gaussian_weights=True,
// use_sample_covariance=False, data_range=255) compute it: Gaussian window of 11 taps, sigma 1.5, population covariance, valid
// region, mean over the three RGB channels. No rescaling.
//
// Everything is float64 on integer products, so no shift of the moments is needed: a window sum carries about 1e-16 * 255^2 * 2.
// Four window means are enough where the formula names five: it needs only the sum of the two variances.
#include <array>
#include <cmath>
#include <vector>

#include "engine/base/error.h"
#include "metrics/metric.h"

namespace wan::metrics {
namespace {

constexpr int kRadius = 5;
constexpr int kTaps = 2 * kRadius + 1;
constexpr double kSigma = 1.5;
constexpr double kC1 = (0.01 * 255) * (0.01 * 255);
constexpr double kC2 = (0.03 * 255) * (0.03 * 255);
// A column strip's ring of 11 rows x 4 moments is 132 KiB: it stays in the second-level cache while the rows stream through.
constexpr int kStrip = 384;
constexpr int kHalo = 2 * kRadius * 3;  // channels are interleaved, so neighbours lie 3 apart

// Weights by distance from the centre; the window is symmetric.
using Window = std::array<double, kRadius + 1>;

Window gaussian() {
  Window window{};
  double sum = 0;
  for (int i = 0; i <= kRadius; ++i) {
    window[i] = std::exp(-0.5 * i * i / (kSigma * kSigma));
    sum += i == 0 ? window[i] : 2 * window[i];
  }
  for (double& weight : window) weight /= sum;
  return window;
}

// One row of the four moments: x, y, x^2 + y^2, x y.
template <int n>
struct Moments {
  double x[n], y[n], squares[n], product[n];
};

void load(const std::uint8_t* x, const std::uint8_t* y, int count, Moments<kStrip + kHalo>& out) {
  for (int i = 0; i < count; ++i) {
    const int a = x[i], b = y[i];
    out.x[i] = a;
    out.y[i] = b;
    out.squares[i] = a * a + b * b;
    out.product[i] = a * b;
  }
}

void filter_row(const double* __restrict in, int count, const Window& g, double* __restrict out) {
  for (int i = 0; i < count; ++i) {
    const double* c = in + i + kRadius * 3;
    out[i] = g[0] * c[0] + g[1] * (c[-3] + c[3]) + g[2] * (c[-6] + c[6]) + g[3] * (c[-9] + c[9]) + g[4] * (c[-12] + c[12]) +
             g[5] * (c[-15] + c[15]);
  }
}

using Rows = std::array<const double*, kTaps>;

void filter_column(const Rows& r, int count, const Window& g, double* __restrict out) {
  for (int i = 0; i < count; ++i)
    out[i] = g[0] * r[5][i] + g[1] * (r[4][i] + r[6][i]) + g[2] * (r[3][i] + r[7][i]) + g[3] * (r[2][i] + r[8][i]) +
             g[4] * (r[1][i] + r[9][i]) + g[5] * (r[0][i] + r[10][i]);
}

// Adds each position's similarity to its column. For identical frames numerator and denominator are equal to the last bit: doubling is
// exact.
void accumulate(const Moments<kStrip>& mean, int count, double* __restrict sums) {
  for (int i = 0; i < count; ++i) {
    const double cross = mean.x[i] * mean.y[i];
    const double powers = mean.x[i] * mean.x[i] + mean.y[i] * mean.y[i];
    sums[i] += ((2 * cross + kC1) * (2 * (mean.product[i] - cross) + kC2)) / ((powers + kC1) * (mean.squares[i] - powers + kC2));
  }
}

struct Scratch {
  Moments<kStrip + kHalo> row;
  Moments<kStrip> ring[kTaps];
  Moments<kStrip> mean;
  double sums[kStrip];
};

// Sum over one strip of output columns, `count` <= kStrip interleaved values; `x` and `y` point at its first input column.
double strip_sum(const std::uint8_t* x, const std::uint8_t* y, std::int64_t height, std::int64_t pitch, int count, const Window& g,
                 Scratch& s) {
  std::fill(s.sums, s.sums + count, 0.0);
  for (std::int64_t row = 0; row < height; ++row) {
    load(x + row * pitch, y + row * pitch, count + kHalo, s.row);
    Moments<kStrip>& slot = s.ring[row % kTaps];
    filter_row(s.row.x, count, g, slot.x);
    filter_row(s.row.y, count, g, slot.y);
    filter_row(s.row.squares, count, g, slot.squares);
    filter_row(s.row.product, count, g, slot.product);
    if (row < kTaps - 1) continue;
    Rows rx, ry, rs, rp;
    for (int k = 0; k < kTaps; ++k) {
      const Moments<kStrip>& from = s.ring[(row - (kTaps - 1) + k) % kTaps];
      rx[k] = from.x, ry[k] = from.y, rs[k] = from.squares, rp[k] = from.product;
    }
    filter_column(rx, count, g, s.mean.x);
    filter_column(ry, count, g, s.mean.y);
    filter_column(rs, count, g, s.mean.squares);
    filter_column(rp, count, g, s.mean.product);
    accumulate(s.mean, count, s.sums);
  }
  double sum = 0;
  for (int i = 0; i < count; ++i) sum += s.sums[i];
  return sum;
}

class Run final : public MetricRun {
 public:
  explicit Run(const Format& format)
      : height_(format.height), width_(format.width), window_(gaussian()), per_frame_(static_cast<std::size_t>(format.frames)) {}

  void add(const FramePair& pair, std::int64_t index) override {
    const std::int64_t pitch = width_ * 3, columns = (width_ - 2 * kRadius) * 3, rows = height_ - 2 * kRadius;
    const auto scratch = std::make_unique<Scratch>();
    double sum = 0;
    for (std::int64_t at = 0; at < columns; at += kStrip)
      sum += strip_sum(pair.reference.data() + at, pair.candidate.data() + at, height_, pitch,
                       static_cast<int>(std::min<std::int64_t>(kStrip, columns - at)), window_, *scratch);
    per_frame_[static_cast<std::size_t>(index)] = sum / static_cast<double>(rows * columns);
  }

  QualityScores finish() override { return {.scores = {{.metric = "ssim.ipol", .per_frame = std::move(per_frame_)}}}; }

 private:
  std::int64_t height_, width_;
  Window window_;
  std::vector<double> per_frame_;
};

}  // namespace

extern const Metric ssim_ipol;
const Metric ssim_ipol{
    .info = {.id = "ssim.ipol",
             .summary = "structural similarity: Gaussian window 11 taps sigma 1.5, population covariance, valid region, RGB mean",
             .unit = "1",
             .colour = "RGB",
             .range = "0..255",
             .direction = Direction::higher_is_better,
             .in_order = false,
             .scores = {"ssim.ipol"}},
    .begin = [](const Format& format, const Parameters&) -> std::unique_ptr<MetricRun> {
      if (format.height < kTaps || format.width < kTaps)
        throw UsageError(fmt::format("ssim.ipol needs frames of at least {0}x{0}, these are {1}x{2}; its window does not fit", kTaps,
                                     format.width, format.height));
      return std::make_unique<Run>(format);
    },
};

}  // namespace wan::metrics
