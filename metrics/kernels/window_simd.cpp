// Loops have constant lengths, a whole strip even where `count` is less: what stands beyond is computed and left out of the sums.
#include "metrics/kernels/window.h"

namespace wan::metrics::WAN_SIMD {
namespace {

template <typename Value, int planes, int length>
struct alignas(64) Rows {
  Value plane[planes][length];
};

// --- float64, interleaved RGB: planes x, y, x^2 + y^2, x y. SSIM needs only the sum of the two variances, so four moments do.

constexpr int kMoments = 4;

inline void load(const std::uint8_t* x, const std::uint8_t* y, int count, double (*out)[kStrip + 6 * kMaxRadius]) {
  for (int i = 0; i < count; ++i) {
    const int a = x[i], b = y[i];
    out[0][i] = a;
    out[1][i] = b;
    out[2][i] = a * a + b * b;
    out[3][i] = a * b;
  }
}

inline void load(const float* x, const float* y, int count, double (*out)[kStrip + 6 * kMaxRadius]) {
  for (int i = 0; i < count; ++i) {
    const double a = x[i], b = y[i];
    out[0][i] = a;
    out[1][i] = b;
    out[2][i] = a * a + b * b;
    out[3][i] = a * b;
  }
}

// `in` is the centre; neighbours lie `step` apart.
template <int radius, int step>
inline void filter_row(const double* __restrict in, const double* weights, double* __restrict out) {
  for (int i = 0; i < kStrip; ++i) {
    double sum = weights[0] * in[i];
    for (int k = 1; k <= radius; ++k) sum += weights[k] * (in[i - k * step] + in[i + k * step]);
    out[i] = sum;
  }
}

template <int radius, typename Row>
inline void filter_column(const Row* const* rows, int plane, const double* weights, double* __restrict out) {
  for (int i = 0; i < kStrip; ++i) {
    double sum = weights[0] * rows[radius]->plane[plane][i];
    for (int k = 1; k <= radius; ++k) sum += weights[k] * (rows[radius - k]->plane[plane][i] + rows[radius + k]->plane[plane][i]);
    out[i] = sum;
  }
}

// For equal images numerator and denominator are equal to the last bit: doubling is exact.
inline void add_similarity(const Rows<double, kMoments, kStrip>& mean, double c1, double c2, double* __restrict sums) {
  for (int i = 0; i < kStrip; ++i) {
    const double x = mean.plane[0][i], y = mean.plane[1][i];
    const double cross = x * y, powers = x * x + y * y;
    sums[i] += ((2 * cross + c1) * (2 * (mean.plane[3][i] - cross) + c2)) / ((powers + c1) * (mean.plane[2][i] - powers + c2));
  }
}

inline void add_contrast(const Rows<double, kMoments, kStrip>& mean, double c2, double* __restrict sums) {
  for (int i = 0; i < kStrip; ++i) {
    const double x = mean.plane[0][i], y = mean.plane[1][i];
    sums[i] += (2 * (mean.plane[3][i] - x * y) + c2) / (mean.plane[2][i] - (x * x + y * y) + c2);
  }
}

template <typename Sample, int radius>
void similarity(const Strip<Sample>& strip, const SimilarityTerms& terms, double* sums) {
  constexpr int kTaps = 2 * radius + 1, kStep = 3;
  double weights[radius + 1];
  for (int k = 0; k <= radius; ++k) weights[k] = terms.weights[k];
  Rows<double, kMoments, kStrip + 6 * kMaxRadius> row{};
  Rows<double, kMoments, kStrip> ring[kTaps], mean;
  alignas(64) double columns[kStrip] = {};
  for (std::int64_t at = 0; at < strip.rows; ++at) {
    load(strip.x + at * strip.pitch, strip.y + at * strip.pitch, strip.count + 2 * radius * kStep, row.plane);
    for (int plane = 0; plane < kMoments; ++plane)
      filter_row<radius, kStep>(row.plane[plane] + radius * kStep, weights, ring[at % kTaps].plane[plane]);
    if (at < kTaps - 1) continue;
    const Rows<double, kMoments, kStrip>* rows[kTaps];
    for (int k = 0; k < kTaps; ++k) rows[k] = &ring[(at + 1 + k) % kTaps];
    for (int plane = 0; plane < kMoments; ++plane) filter_column<radius>(rows, plane, weights, mean.plane[plane]);
    if (terms.luminance)
      add_similarity(mean, terms.c1, terms.c2, columns);
    else
      add_contrast(mean, terms.c2, columns);
  }
  for (int i = 0; i < strip.count; ++i) sums[i % 3] += columns[i];
}

template <typename Sample>
void similarity(const Strip<Sample>& strip, const SimilarityTerms& terms, double* sums) {
  if (terms.radius == 3)
    similarity<Sample, 3>(strip, terms, sums);
  else
    similarity<Sample, 5>(strip, terms, sums);
}

// --- float32 as libvmaf rounds, one plane: x, y, x^2, y^2, x y.

constexpr int kLumaMoments = 5;
constexpr int kLumaTaps = 2 * kMaxRadius + 1;
using LumaRow = Rows<float, kLumaMoments, kStrip>;

inline void weigh_row(const float* __restrict in, const float* weights, float* __restrict out) {
  for (int i = 0; i < kStrip; ++i) {
    double sum = 0;
    for (int k = 0; k < kLumaTaps; ++k) sum += static_cast<double>(in[i + k] * weights[k]);
    out[i] = static_cast<float>(sum);
  }
}

inline void weigh_column(const LumaRow* const* rows, int plane, const float* weights, float* __restrict out) {
  for (int i = 0; i < kStrip; ++i) {
    double sum = 0;
    for (int k = 0; k < kLumaTaps; ++k) sum += static_cast<double>(rows[k]->plane[plane][i] * weights[k]);
    out[i] = static_cast<float>(sum);
  }
}

constexpr float kC1 = (0.01f * 255) * (0.01f * 255);
constexpr float kC2 = (0.03f * 255) * (0.03f * 255);

inline void add_luma(const LumaRow& mean, Rows<double, 4, kStrip>& sums) {
  for (int i = 0; i < kStrip; ++i) {
    const float mx = mean.plane[0][i], my = mean.plane[1][i];
    float vx = mean.plane[2][i] - mx * mx, vy = mean.plane[3][i] - my * my;
    float covariance = mean.plane[4][i] - mx * my;
    vx = vx > 0 ? vx : 0;
    vy = vy > 0 ? vy : 0;
    const float root = static_cast<float>(__builtin_sqrt(static_cast<double>(vx * vy)));
    // Where both are flat, rounding can leave a negative covariance, which would make equal images differ.
    covariance = covariance < 0 && root <= 0 ? 0 : covariance;
    const double x = mx, y = my, deviations = root;
    const double luminance = (2 * x * y + kC1) / (x * x + y * y + kC1);
    const double contrast = (2 * deviations + kC2) / (static_cast<double>(vx) + vy + kC2);
    const double structure = (static_cast<double>(covariance) + kC2 / 2) / (deviations + kC2 / 2);
    sums.plane[0][i] += luminance * contrast * structure;
    sums.plane[1][i] += luminance;
    sums.plane[2][i] += contrast;
    sums.plane[3][i] += structure;
  }
}

void luma(const Strip<float>& strip, const float* weights, LumaSums& out) {
  Rows<float, kLumaMoments, kStrip + 2 * kMaxRadius> row{};
  LumaRow ring[kLumaTaps], mean;
  Rows<double, 4, kStrip> columns{};
  float taps[kLumaTaps];
  for (int k = 0; k < kLumaTaps; ++k) taps[k] = weights[k < kMaxRadius ? kMaxRadius - k : k - kMaxRadius];
  for (std::int64_t at = 0; at < strip.rows; ++at) {
    const float *x = strip.x + at * strip.pitch, *y = strip.y + at * strip.pitch;
    for (int i = 0; i < strip.count + kLumaTaps - 1; ++i) {
      row.plane[0][i] = x[i];
      row.plane[1][i] = y[i];
      row.plane[2][i] = x[i] * x[i];
      row.plane[3][i] = y[i] * y[i];
      row.plane[4][i] = x[i] * y[i];
    }
    for (int plane = 0; plane < kLumaMoments; ++plane) weigh_row(row.plane[plane], taps, ring[at % kLumaTaps].plane[plane]);
    if (at < kLumaTaps - 1) continue;
    const LumaRow* rows[kLumaTaps];
    for (int k = 0; k < kLumaTaps; ++k) rows[k] = &ring[(at + 1 + k) % kLumaTaps];
    for (int plane = 0; plane < kLumaMoments; ++plane) weigh_column(rows, plane, taps, mean.plane[plane]);
    add_luma(mean, columns);
  }
  for (int i = 0; i < strip.count; ++i) {
    out.similarity += columns.plane[0][i];
    out.luminance += columns.plane[1][i];
    out.contrast += columns.plane[2][i];
    out.structure += columns.plane[3][i];
  }
}

}  // namespace

extern const WindowKernels window;
const WindowKernels window{.similarity_bytes = similarity<std::uint8_t>, .similarity_floats = similarity<float>, .luma = luma};

}  // namespace wan::metrics::WAN_SIMD
