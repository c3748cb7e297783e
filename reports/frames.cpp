#include "reports/frames.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <exception>

#include "engine/base/error.h"
#include "engine/media/clip_file.h"
#include "harness/gate/suite_scores.h"
#include "reports/format.h"
#include "reports/markup.h"
#include "reports/summary.h"

namespace wan::reports {
namespace {

constexpr std::int64_t kWidest = 480;
constexpr const char* kFramePsnr = "psnr";  // psnr.pooled has no value a frame
constexpr std::array kGains{1, 2, 4, 8, 16, 32};

// How bad a frame is by the first of these scores that the clip has: perceptual first, because that is what a reviewer sees.
struct Badness {
  std::string metric;
  double identical = 0;           // of a frame that equals the baseline's
  std::vector<double> per_frame;  // larger is worse
};

std::optional<Badness> badness(const store::Cell& cell) {
  for (const char* metric : {kLpips, kSsim, kFramePsnr, kMse}) {
    const auto* score = cell.scores.find(metric);
    if (!score || !score->error.empty() || score->per_frame.empty()) continue;
    Badness result{.metric = metric, .per_frame = score->per_frame};
    if (metric == std::string_view(kSsim)) result.identical = -1;
    if (metric == std::string_view(kFramePsnr)) result.identical = -INFINITY;
    if (score->direction == metrics::Direction::higher_is_better)
      for (double& value : result.per_frame) value = -value;
    for (double& value : result.per_frame)
      if (std::isnan(value)) value = INFINITY;
    return result;
  }
  return std::nullopt;
}

std::optional<WorstFrame> worst_of(const Dataset& data, const store::ConfigurationRecord& record, double& how_bad) {
  const auto* baseline = gate::find_configuration(data.run, record.configuration.quality_baseline);
  if (!baseline || baseline == &record) return std::nullopt;
  const auto* floor = noise_floor_of(data.run, record);
  std::optional<WorstFrame> worst;
  for (const auto& cell : record.cells) {
    const auto bad = badness(cell);
    const auto* reference = find_cell(*baseline, cell.prompt, cell.seed);
    if (!bad || !reference) continue;
    const auto peak = std::max_element(bad->per_frame.begin(), bad->per_frame.end());
    if (*peak <= bad->identical || (worst && *peak <= how_bad)) continue;
    how_bad = *peak;
    const auto frame = static_cast<std::size_t>(peak - bad->per_frame.begin());
    worst = WorstFrame{.candidate = &cell,
                       .baseline = reference,
                       .floor = floor && floor != &record ? find_cell(*floor, cell.prompt, cell.seed) : nullptr,
                       .frame = frame,
                       .metric = bad->metric,
                       .value = cell.scores.find(bad->metric)->per_frame[frame]};
  }
  return worst;
}

std::vector<std::uint8_t> absolute_difference(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b) {
  std::vector<std::uint8_t> difference(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) difference[i] = static_cast<std::uint8_t>(std::abs(a[i] - b[i]));
  return difference;
}

// The largest gain at which only one value in a hundred saturates: small differences become visible, large ones keep their shape.
int gain_for(std::vector<std::uint8_t> difference) {
  if (difference.empty()) return 1;
  const auto nearly_all = difference.begin() + static_cast<std::ptrdiff_t>(difference.size() * 99 / 100);
  std::nth_element(difference.begin(), nearly_all, difference.end());
  int gain = kGains.front();
  for (const int candidate : kGains)
    if (*nearly_all * candidate <= 255) gain = candidate;
  return gain;
}

void amplify(std::vector<std::uint8_t>& values, int gain) {
  for (auto& value : values) value = static_cast<std::uint8_t>(std::min(255, value * gain));
}

std::string data_uri(const std::vector<std::uint8_t>& rgb, std::int64_t width, std::int64_t height) {
  const auto png = media::encode_png(rgb, height, width);
  return "data:image/png;base64," + base64({reinterpret_cast<const char*>(png.data()), png.size()});
}

struct Frame {
  std::vector<std::uint8_t> rgb = {};  // [height, width, 3]
  std::int64_t width = 0, height = 0;
};

void check_same_size(const Frame& a, const Frame& b) {
  if (a.width != b.width || a.height != b.height)
    throw UsageError(fmt::format("the clips differ in size: {}×{} and {}×{}", a.width, a.height, b.width, b.height));
}

Frame frame_of(const Dataset& data, const store::Cell& cell, std::size_t index) {
  if (data.run_dir.empty() || cell.clip_file.empty()) throw UsageError(fmt::format("the run kept no clip of {}", cell.configuration));
  const VideoClip clip = media::read_clip(data.run_dir / cell.clip_file);
  if (static_cast<std::int64_t>(index) >= clip.frames)
    throw UsageError(fmt::format("the clip of {} has {} frames, wanted frame {}", cell.configuration, clip.frames, index));
  const auto source = clip.frame(static_cast<std::int64_t>(index));
  const std::int64_t factor = (clip.width + kWidest - 1) / kWidest;
  Frame frame{.width = clip.width / factor, .height = clip.height / factor};
  frame.rgb.reserve(static_cast<std::size_t>(frame.width * frame.height * 3));
  for (std::int64_t y = 0; y < frame.height; ++y) {
    for (std::int64_t x = 0; x < frame.width; ++x) {
      for (std::int64_t channel = 0; channel < 3; ++channel) {
        std::int64_t sum = 0;
        for (std::int64_t dy = 0; dy < factor; ++dy)
          for (std::int64_t dx = 0; dx < factor; ++dx)
            sum += source[static_cast<std::size_t>(((y * factor + dy) * clip.width + x * factor + dx) * 3 + channel)];
        frame.rgb.push_back(static_cast<std::uint8_t>(sum / (factor * factor)));
      }
    }
  }
  return frame;
}

}  // namespace

std::vector<WorstFrame> worst_frames(const Dataset& data) {
  std::vector<std::pair<double, WorstFrame>> found;
  for (const auto& record : data.run.configurations) {
    double how_bad = 0;
    if (const auto worst = worst_of(data, record, how_bad)) found.emplace_back(how_bad, *worst);
  }
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<WorstFrame> frames;
  for (const auto& [how_bad, worst] : found) frames.push_back(worst);
  return frames;
}

std::optional<FrameImages> read_frame_images(const Dataset& data, const WorstFrame& worst, std::string& reason) {
  try {
    const Frame baseline = frame_of(data, *worst.baseline, worst.frame);
    const Frame candidate = frame_of(data, *worst.candidate, worst.frame);
    check_same_size(baseline, candidate);
    auto difference = absolute_difference(baseline.rgb, candidate.rgb);
    FrameImages images{.baseline = data_uri(baseline.rgb, baseline.width, baseline.height),
                       .candidate = data_uri(candidate.rgb, baseline.width, baseline.height),
                       .difference = {},
                       .gain = gain_for(difference),
                       .width = baseline.width,
                       .height = baseline.height};
    amplify(difference, images.gain);
    images.difference = data_uri(difference, baseline.width, baseline.height);
    if (worst.floor && !worst.floor->clip_file.empty()) {
      const Frame twin = frame_of(data, *worst.floor, worst.frame);
      check_same_size(baseline, twin);
      auto floor = absolute_difference(baseline.rgb, twin.rgb);
      amplify(floor, images.gain);
      images.floor_difference = data_uri(floor, baseline.width, baseline.height);
    }
    return images;
  } catch (const std::exception& error) {
    reason = one_line(error.what());
    return std::nullopt;
  }
}

}  // namespace wan::reports
