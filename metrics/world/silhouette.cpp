#include "metrics/world/silhouette.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>

namespace wan::metrics::world {
namespace {

using wan::world::kShapes;
using wan::world::Shape;
using wan::world::Texture;

constexpr float kPi = std::numbers::pi_v<float>;
constexpr float kReach = 1.25F;  // radii that hold every shape

// A shape of radius 1 as pixels, and what follows from them.
class Reference {
 public:
  explicit Reference(Shape shape) : turns_(symmetry(shape)), inside_(kSide * kSide) {
    std::complex<double> moment = 0;
    double area = 0;
    for (int row = 0; row < kSide; ++row)
      for (int column = 0; column < kSide; ++column) {
        const float x = at(column), y = at(row);
        const bool inside = wan::world::shape_distance(shape, x, y) < 0;
        inside_[static_cast<std::size_t>(row * kSide + column)] = inside;
        if (!inside) continue;
        area += 1;
        moment += corner_moment(x, y, turns_);
      }
    root_area_ = static_cast<float>(std::sqrt(area) / kScale);
    upright_ = static_cast<float>(std::arg(moment));
  }

  bool holds(float x, float y) const {
    const int column = static_cast<int>((x + kReach) * kScale + 0.5F), row = static_cast<int>((y + kReach) * kScale + 0.5F);
    return column >= 0 && row >= 0 && column < kSide && row < kSide && inside_[static_cast<std::size_t>(row * kSide + column)];
  }
  float root_area() const { return root_area_; }
  int turns() const { return turns_; }
  float angle(std::complex<double> moment) const {
    return turns_ == 0 ? 0.0F : (static_cast<float>(std::arg(moment)) - upright_) / static_cast<float>(turns_);
  }

  // A term of the moment whose phase turns `turns` times as fast as the shape; the power of the radius gives corners their weight.
  static std::complex<double> corner_moment(float x, float y, int turns) {
    if (turns == 0) return 0;
    const std::complex<double> z(x, y);
    return std::pow(z, turns);
  }

  static const Reference& of(Shape shape) {
    static const auto all = [] {
      std::vector<Reference> references;
      for (int i = 0; i < kShapes; ++i) references.emplace_back(static_cast<Shape>(i));
      return references;
    }();
    return all[static_cast<std::size_t>(shape)];
  }

 private:
  static constexpr int kSide = 161;
  static constexpr float kScale = (kSide - 1) / (2 * kReach);
  static float at(int index) { return static_cast<float>(index) / kScale - kReach; }
  int turns_;
  std::vector<std::uint8_t> inside_;
  float root_area_ = 0, upright_ = 0;
};

float overlap_with(const Reference& reference, const Blob& blob, const Silhouette& seen, float angle) {
  const float radius = seen.size / reference.root_area(), cosine = std::cos(angle), sine = std::sin(angle), reach = radius * kReach;
  const auto left = std::min(blob.left, static_cast<std::int64_t>(std::floor(seen.x - reach))),
             right = std::max(blob.left + blob.width, static_cast<std::int64_t>(std::ceil(seen.x + reach)) + 1),
             top = std::min(blob.top, static_cast<std::int64_t>(std::floor(seen.y - reach))),
             bottom = std::max(blob.top + blob.height, static_cast<std::int64_t>(std::ceil(seen.y + reach)) + 1);
  std::int64_t both = 0, either = 0;
  for (std::int64_t y = top; y < bottom; ++y)
    for (std::int64_t x = left; x < right; ++x) {
      const std::int64_t column = x - blob.left, row = y - blob.top;
      const bool in_box = column >= 0 && row >= 0 && column < blob.width && row < blob.height;
      const bool masked = in_box && blob.mask[static_cast<std::size_t>(row * blob.width + column)];
      const float dx = (static_cast<float>(x) - seen.x) / radius, dy = (static_cast<float>(y) - seen.y) / radius;
      const bool drawn = reference.holds(cosine * dx + sine * dy, cosine * dy - sine * dx);
      both += masked && drawn, either += masked || drawn;
    }
  return either == 0 ? 0.0F : static_cast<float>(both) / static_cast<float>(either);
}

// Correlation of brightness with the light ink of a texture that is turned by `angle`.
float correlate(const std::vector<std::array<float, 3>>& pixels, Texture texture, float angle, float radius) {
  const float cosine = std::cos(angle), sine = std::sin(angle);
  double n = 0, x = 0, xx = 0, y = 0, yy = 0, xy = 0;
  for (const auto& [dx, dy, bright] : pixels) {
    const float distance = wan::world::ink_distance(texture, cosine * dx + sine * dy, cosine * dy - sine * dx);
    const double light = 1 - static_cast<double>(std::clamp(0.5F + distance * radius, 0.0F, 1.0F));
    n += 1, x += light, xx += light * light, y += bright, yy += static_cast<double>(bright) * bright, xy += light * bright;
  }
  const double spread = (n * xx - x * x) * (n * yy - y * y);
  return spread <= 0 ? 0.0F : static_cast<float>((n * xy - x * y) / std::sqrt(spread));
}

}  // namespace

int symmetry(Shape shape) { return std::array{0, 4, 3, 5, 0, 4}[static_cast<std::size_t>(shape)]; }
float root_area(Shape shape) { return Reference::of(shape).root_area(); }

Silhouette measure(const Blob& blob) {
  Silhouette seen{.size = std::sqrt(static_cast<float>(blob.area))};
  const auto each = [&](auto&& use) {
    for (std::int64_t y = 0, i = 0; y < blob.height; ++y)
      for (std::int64_t x = 0; x < blob.width; ++x, ++i)
        if (blob.mask[static_cast<std::size_t>(i)]) use(static_cast<float>(blob.left + x), static_cast<float>(blob.top + y));
  };
  double x_sum = 0, y_sum = 0;
  each([&](float x, float y) { x_sum += x, y_sum += y; });
  seen.x = static_cast<float>(x_sum / static_cast<double>(blob.area));
  seen.y = static_cast<float>(y_sum / static_cast<double>(blob.area));
  std::array<std::complex<double>, 6> moments = {};
  each([&](float x, float y) {
    for (const int turns : {3, 4, 5})
      moments[static_cast<std::size_t>(turns)] += Reference::corner_moment((x - seen.x) / seen.size, (y - seen.y) / seen.size, turns);
  });
  for (int i = 0; i < kShapes; ++i) {
    const Reference& reference = Reference::of(static_cast<Shape>(i));
    const auto slot = static_cast<std::size_t>(i);
    seen.angle[slot] = reference.angle(moments[static_cast<std::size_t>(reference.turns())]);
    seen.overlap[slot] = overlap_with(reference, blob, seen, seen.angle[slot]);
  }
  return seen;
}

Inside look_inside(const Picture& picture, const Blob& blob, const Placement& placement) {
  std::vector<std::array<float, 3>> pixels;  // place in radii, light
  std::vector<const float*> colours;
  for (std::int64_t y = 0, i = 0; y < blob.height; ++y)
    for (std::int64_t x = 0; x < blob.width; ++x, ++i) {
      if (!blob.core[static_cast<std::size_t>(i)]) continue;
      const float* rgb = picture.rgb.data() + ((blob.top + y) * picture.width + blob.left + x) * 3;
      const float dx = (static_cast<float>(blob.left + x) - placement.x) / placement.radius,
                  dy = (static_cast<float>(blob.top + y) - placement.y) / placement.radius;
      const float shading = std::max(0.5F, 1 - wan::world::kShading * (dx + dy));
      pixels.push_back({dx, dy, (rgb[0] + rgb[1] + rgb[2]) / shading});
      colours.push_back(rgb);
    }
  Inside inside;
  if (pixels.empty()) return inside;
  std::vector<float> light;
  for (const auto& pixel : pixels) light.push_back(pixel[2]);
  std::nth_element(light.begin(), light.begin() + static_cast<std::ptrdiff_t>(light.size() / 2), light.end());
  const float middle = light[light.size() / 2];
  double sum = 0, square = 0, bright = 0;
  std::array<double, 3> colour = {};
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    sum += pixels[i][2], square += static_cast<double>(pixels[i][2]) * pixels[i][2];
    if (pixels[i][2] < middle) continue;
    bright += 1;
    for (std::size_t c = 0; c < 3; ++c) colour[c] += colours[i][c];
  }
  for (std::size_t c = 0; c < 3; ++c) inside.bright[c] = static_cast<float>(colour[c] / bright);
  const double n = static_cast<double>(pixels.size()), mean = sum / n;
  inside.variation = mean <= 0 ? 0.0F : static_cast<float>(std::sqrt(std::max(0.0, square / n - mean * mean)) / mean);

  const int turns = symmetry(placement.shape), tries = turns == 0 ? 45 : turns;
  const float step = turns == 0 ? kPi / static_cast<float>(tries) : 2 * kPi / static_cast<float>(turns);
  for (int i = 0; i < tries; ++i) {
    const float angle = placement.angle + step * static_cast<float>(i);
    const float striped = correlate(pixels, Texture::striped, angle, placement.radius);
    if (striped > inside.striped) inside.striped = striped, inside.stripes_angle = angle;
    inside.dotted = std::max(inside.dotted, correlate(pixels, Texture::dotted, angle, placement.radius));
  }
  return inside;
}

}  // namespace wan::metrics::world
