#include "metrics/world/segment.h"

#include <algorithm>
#include <cmath>

#include "engine/base/error.h"

#ifdef WAN_HAVE_OPENCV
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#endif

namespace wan::metrics::world {

#ifdef WAN_HAVE_OPENCV
namespace {

constexpr float kStandsOut = 24;    // levels: what a soft shadow or a blurred rim may reach, half of the faintest ink
constexpr float kShadow = 0.17F;    // of what a thing stands out: below lie the shadows of other frames, above is its fainter ink
constexpr float kSpeck = 0.0024F;   // of the square of the shorter side: a third of the smallest thing
constexpr double kSmallest = 0.08;  // of the largest thing: half of the smallest ratio in one picture
constexpr double kLargest = 0.4;    // of the picture: what covers more is rather the ground

struct Component {
  cv::Rect box;
  cv::Mat mask;  // of the box, 0 or 255
};

std::vector<Component> components(const cv::Mat& mask, int least) {
  cv::Mat labels, stats, centres;
  const int count = cv::connectedComponentsWithStats(mask, labels, stats, centres, 8, CV_32S);
  std::vector<Component> found;
  for (int i = 1; i < count; ++i) {
    if (stats.at<int>(i, cv::CC_STAT_AREA) < least) continue;
    const cv::Rect box(stats.at<int>(i, cv::CC_STAT_LEFT), stats.at<int>(i, cv::CC_STAT_TOP), stats.at<int>(i, cv::CC_STAT_WIDTH),
                       stats.at<int>(i, cv::CC_STAT_HEIGHT));
    found.push_back({box, labels(box) == i});
  }
  return found;
}

// The mask without its rim; thin things keep theirs. Zeros lie outside the box.
cv::Mat core_of(const cv::Mat& mask) {
  cv::Mat core;
  cv::erode(mask, core, cv::getStructuringElement(cv::MORPH_CROSS, {3, 3}), {-1, -1}, 1, cv::BORDER_CONSTANT, 0);
  return cv::countNonZero(core) >= 12 ? core : mask;
}

// Half of what the fainter ink of this thing stands out: there a pixel is half thing and half ground.
float edge_level(const Component& component, const cv::Mat& stand_out) {
  const cv::Mat core = core_of(component.mask), levels = stand_out(component.box);
  std::vector<float> values;
  for (int y = 0; y < core.rows; ++y)
    for (int x = 0; x < core.cols; ++x)
      if (core.at<std::uint8_t>(y, x)) values.push_back(levels.at<float>(y, x));
  const auto at = [&](std::size_t numerator, std::size_t denominator) {
    const auto place = values.begin() + static_cast<std::ptrdiff_t>(values.size() * numerator / denominator);
    std::nth_element(values.begin(), place, values.end());
    return *place;
  };
  const float shadow = kShadow * at(4, 5);
  std::erase_if(values, [shadow](float value) { return value < shadow; });
  return std::max(kStandsOut, at(1, 5) / 2);
}

std::vector<std::uint8_t> copy(const cv::Mat& mask) {
  std::vector<std::uint8_t> values;
  for (int y = 0; y < mask.rows; ++y)
    for (int x = 0; x < mask.cols; ++x) values.push_back(mask.at<std::uint8_t>(y, x) ? 1 : 0);
  return values;
}

}  // namespace

bool can_segment() { return true; }

Picture shrink(std::span<const std::uint8_t> rgb, std::int64_t height, std::int64_t width, std::int64_t side) {
  const cv::Mat frame(static_cast<int>(height), static_cast<int>(width), CV_8UC3, const_cast<std::uint8_t*>(rgb.data()));
  const double scale = std::min(1.0, static_cast<double>(side) / static_cast<double>(std::min(height, width)));
  cv::Mat small;
  frame.convertTo(small, CV_32FC3);
  if (scale < 1) cv::resize(cv::Mat(small), small, {}, scale, scale, cv::INTER_AREA);
  return {.height = small.rows, .width = small.cols, .rgb = std::vector<float>(small.ptr<float>(), small.ptr<float>() + small.total() * 3)};
}

std::vector<Blob> segment(const std::vector<float>& stand_out, const Picture& picture) {
  const cv::Mat levels(static_cast<int>(picture.height), static_cast<int>(picture.width), CV_32F, const_cast<float*>(stand_out.data()));
  const int least = static_cast<int>(kSpeck * picture.unit() * picture.unit());
  cv::Mat sharp = cv::Mat::zeros(levels.size(), CV_8U);
  for (const Component& component : components(levels > kStandsOut, least)) {
    cv::Mat inside = levels(component.box) > edge_level(component, levels);
    cv::bitwise_or(sharp(component.box), inside & component.mask, sharp(component.box));
  }
  std::vector<Blob> blobs;
  for (const Component& component : components(sharp, least))
    blobs.push_back({.left = component.box.x,
                     .top = component.box.y,
                     .width = component.box.width,
                     .height = component.box.height,
                     .mask = copy(component.mask),
                     .core = copy(core_of(component.mask)),
                     .area = cv::countNonZero(component.mask)});
  const double most = kLargest * static_cast<double>(picture.height * picture.width);
  std::erase_if(blobs, [&](const Blob& blob) { return static_cast<double>(blob.area) > most; });
  std::stable_sort(blobs.begin(), blobs.end(), [](const Blob& a, const Blob& b) { return a.area > b.area; });
  std::erase_if(blobs, [&](const Blob& blob) { return static_cast<double>(blob.area) < kSmallest * static_cast<double>(blobs[0].area); });
  return blobs;
}

std::array<float, 3> lab(const std::array<float, 3>& rgb) {
  cv::Mat colour(1, 1, CV_32FC3, cv::Scalar(rgb[0] / 255, rgb[1] / 255, rgb[2] / 255)), result;
  cv::cvtColor(colour, result, cv::COLOR_RGB2Lab);
  const auto& value = result.at<cv::Vec3f>(0);
  return {value[0], value[1], value[2]};
}

#else
namespace {
[[noreturn]] void refuse() {
  throw UsageError("this build has no OpenCV, so it cannot look for things in a clip; install libopencv-imgproc-dev and build again");
}
}  // namespace

bool can_segment() { return false; }
Picture shrink(std::span<const std::uint8_t>, std::int64_t, std::int64_t, std::int64_t) { refuse(); }
std::vector<Blob> segment(const std::vector<float>&, const Picture&) { refuse(); }
std::array<float, 3> lab(const std::array<float, 3>&) { refuse(); }
#endif

}  // namespace wan::metrics::world
