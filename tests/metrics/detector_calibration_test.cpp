// How often each detector sees its fault, and how often any of them sees one that is not there: on scenes of the world and on synthetic
// clips. The long run behind the limits:
//   metrics_tests --gtest_also_run_disabled_tests --gtest_filter='*DetectorCalibration*Long*'
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <map>
#include <set>

#include "engine/train/world/random.h"
#include "engine/train/world/render.h"
#include "metrics/scorer.h"
#include "metrics/statistics.h"
#include "tests/support/metrics/damage.h"
#include "tests/support/metrics/synthetic_clip.h"

namespace wan::metrics {
namespace {

using namespace wan::testing;
using Change = std::function<VideoClip(const VideoClip&, std::uint64_t seed)>;

struct Fault {
  const char* name;
  const char* detector;
  Change damage;
  bool (*shows)(const VideoClip& clip) = nullptr;  // whether a clip has what the fault takes away; nullptr: every clip
};

// Enough of a step everywhere: four times what counts as still.
bool moves(const VideoClip& clip) {
  for (std::int64_t t = 1; t < clip.frames; ++t) {
    const auto step = static_cast<double>(absolute_error(clip.frame(t), clip.frame(t - 1), best_simd()));
    if (step < 4 * 0.255 * static_cast<double>(clip.frame(t).size())) return false;
  }
  return true;
}

FrameStatistics first_frame(const VideoClip& clip) {
  std::vector<std::uint8_t> luma(static_cast<std::size_t>(clip.height * clip.width));
  return measure_frame({.rgb = clip.frame(0), .luma = luma}, clip.height, clip.width, best_simd());
}

bool has_edges(const VideoClip& clip) {
  return static_cast<double>(first_frame(clip).gradient) > 8.0 * static_cast<double>(clip.height * clip.width);
}

// Most of the picture stays as it is.
bool stands_still(const VideoClip& clip) {
  const auto step = static_cast<double>(absolute_error(clip.frame(1), clip.frame(0), best_simd()));
  return step < 3 * static_cast<double>(clip.frame(0).size());
}

const std::vector<Fault>& faults() {
  static const std::vector<Fault> kFaults{
      {"one black frame", "black_frame",
       [](const VideoClip& c, std::uint64_t s) { return with_flat_frames(c, static_cast<std::int64_t>(s) % c.frames, 1, 0); }},
      {"black from the middle", "black_frame",
       [](const VideoClip& c, std::uint64_t) { return with_flat_frames(c, c.frames / 2, c.frames - c.frames / 2, 3); }},
      {"one white frame", "white_frame",
       [](const VideoClip& c, std::uint64_t s) { return with_flat_frames(c, static_cast<std::int64_t>(s) % c.frames, 1, 255); }},
      {"one grey frame", "constant_frame",
       [](const VideoClip& c, std::uint64_t s) { return with_flat_frames(c, static_cast<std::int64_t>(s) % c.frames, 1, 128); }},
      {"frozen from the start", "frozen", [](const VideoClip& c, std::uint64_t) { return with_frozen_frames(c, 0, c.frames - 1); }, moves},
      {"frozen at the end", "frozen", [](const VideoClip& c, std::uint64_t) { return with_frozen_frames(c, c.frames - 6, c.frames - 1); },
       moves},
      {"every second frame twice", "duplicate_period", [](const VideoClip& c, std::uint64_t) { return with_repeats(c, 2); }, moves},
      {"flash of 30", "flash",
       [](const VideoClip& c, std::uint64_t s) { return with_flash(c, static_cast<std::int64_t>(s) % c.frames, s % 2 ? 30 : -30); }},
      {"brighter by 16", "brightness_shift",
       [](const VideoClip& c, std::uint64_t) {
         return regraded(c, 1, {16, 16, 16});
       }},
      {"darker by 16", "brightness_shift",
       [](const VideoClip& c, std::uint64_t) {
         return regraded(c, 1, {-16, -16, -16});
       }},
      {"fade by 40", "brightness_shift", [](const VideoClip& c, std::uint64_t) { return fading(c, 40); }},
      {"red cast of 16", "colour_cast",
       [](const VideoClip& c, std::uint64_t) {
         return regraded(c, 1, {16, 0, 0});
       }},
      {"green cast of 16", "colour_cast",
       [](const VideoClip& c, std::uint64_t) {
         return regraded(c, 1, {-8, 8, -8});
       }},
      {"blue cast of 16", "colour_cast",
       [](const VideoClip& c, std::uint64_t) {
         return regraded(c, 1, {0, 0, 16});
       }},
      {"noise of 25", "noise_collapse", [](const VideoClip& c, std::uint64_t s) { return with_noise(c, 25, s); }},
      {"pure noise", "noise_collapse", of_noise},
      {"blur of 2", "blur", [](const VideoClip& c, std::uint64_t) { return blurred(c, 2); }, has_edges},
      {"blocks of 8", "block_grid", [](const VideoClip& c, std::uint64_t s) { return with_blocks(c, 8, 8, s); }},
      {"blocks of 16", "block_grid", [](const VideoClip& c, std::uint64_t s) { return with_blocks(c, 16, 8, s); }},
      {"tiles of 32", "tile_seam", [](const VideoClip& c, std::uint64_t s) { return with_blocks(c, 32, 10, s); }},
      {"flicker of 4", "flicker_period4",
       [](const VideoClip& c, std::uint64_t s) { return flickering(c, static_cast<std::int64_t>(s) % 4, s % 2 ? 4 : -4); }},
      {"flicker of blocks", "flicker_period4", [](const VideoClip& c, std::uint64_t s) { return with_blocks(c, 16, 8, s, 4); },
       stands_still},
  };
  return kFaults;
}

struct Harmless {
  const char* name;
  Change change;
};

const std::vector<Harmless>& harmless() {
  static const std::vector<Harmless> kHarmless{
      {"nothing", [](const VideoClip& c, std::uint64_t) { return c; }},
      {"noise of 2", [](const VideoClip& c, std::uint64_t s) { return with_noise(c, 2, s); }},
      {"brighter by 3",
       [](const VideoClip& c, std::uint64_t) {
         return regraded(c, 1, {3, 3, 3});
       }},
      {"tint of 3",
       [](const VideoClip& c, std::uint64_t) {
         return regraded(c, 1, {3, 0, -2});
       }},
      {"contrast of 0.96",
       [](const VideoClip& c, std::uint64_t) {
         return regraded(c, 0.96, {0, 0, 0});
       }},
      {"saturation of 1.1", [](const VideoClip& c, std::uint64_t) { return with_saturation(c, 1.1); }},
      {"blur of 0.5", [](const VideoClip& c, std::uint64_t) { return blurred(c, 0.5); }},
      {"moved by 2", [](const VideoClip& c, std::uint64_t) { return moved(c, 2); }},
      {"flash of 2", [](const VideoClip& c, std::uint64_t s) { return with_flash(c, static_cast<std::int64_t>(s) % c.frames, 2); }},
  };
  return kHarmless;
}

std::vector<MetricChoice> detectors() {
  std::vector<MetricChoice> choices;
  for (const MetricInfo& info : list_metrics())
    if (info.detector) choices.push_back({.id = info.id});
  return choices;
}

VideoClip world_clip(std::uint64_t seed) { return wan::world::render(wan::world::draw_scene(seed, wan::world::Split::train), seed); }

struct Tally {
  int clips = 0, hits = 0;
  double share() const { return clips == 0 ? 1 : static_cast<double>(hits) / clips; }
};

struct Table {
  std::map<std::string, Tally> found;                          // by fault
  Tally alarms;                                                // clips that are harmless and fired
  std::map<std::string, std::map<std::string, int>> alarm_of;  // by change and detector
};

Table judge_all(const std::vector<VideoClip>& clips, const std::set<std::string>& without) {
  Table table;
  std::uint64_t seed = 0;
  for (const VideoClip& clip : clips) {
    ++seed;
    for (const Fault& fault : faults()) {
      if (without.contains(fault.name) || (fault.shows && !fault.shows(clip))) continue;
      const auto scores = score(clip, fault.damage(clip, seed), {.metrics = {{.id = fault.detector}}});
      Tally& tally = table.found[fault.name];
      ++tally.clips;
      tally.hits += scores.artifacts.at(0).fired;
    }
    for (const Harmless& change : harmless()) {
      bool fired = false;
      for (const auto& finding : score(clip, change.change(clip, seed), {.metrics = detectors()}).artifacts) {
        if (!finding.fired) continue;
        fired = true;
        ++table.alarm_of[change.name][finding.detector];
        if (std::getenv("WAN_PRINT_CALIBRATION"))
          fmt::print("clip {}: {} after {}: {}\n", seed, finding.detector, change.name, finding.detail);
      }
      ++table.alarms.clips;
      table.alarms.hits += fired;
    }
  }
  return table;
}

std::string describe(const Table& table) {
  std::string text;
  for (const auto& [fault, tally] : table.found) text += fmt::format("{:<26} {:.1f} % of {}\n", fault, 100 * tally.share(), tally.clips);
  text += fmt::format("false alarms: {:.2f} % of {}\n", 100 * table.alarms.share(), table.alarms.clips);
  for (const auto& [change, by] : table.alarm_of)
    for (const auto& [detector, count] : by) text += fmt::format("  {} after {}: {}\n", detector, change, count);
  return text;
}

void expect_calibrated(const std::vector<VideoClip>& clips, const std::set<std::string>& without = {}) {
  const Table table = judge_all(clips, without);
  for (const auto& [fault, tally] : table.found) EXPECT_GE(tally.share(), 0.99) << fault;
  EXPECT_LE(table.alarms.share(), 0.01);
  if (::testing::Test::HasFailure() || std::getenv("WAN_PRINT_CALIBRATION")) fmt::print("{}", describe(table));
}

std::vector<VideoClip> world_clips(std::uint64_t first, std::uint64_t count) {
  std::vector<VideoClip> clips;
  for (std::uint64_t seed = first; seed < first + count; ++seed) clips.push_back(world_clip(seed));
  return clips;
}

TEST(DetectorCalibration, ScenesOfTheWorld) { expect_calibrated(world_clips(0, 12)); }

// Ramps have no edges that a blur could take.
TEST(DetectorCalibration, SyntheticClips) {
  expect_calibrated({moving_ramps({17, 96, 128}), moving_ramps({9, 160, 195}), noisy(moving_ramps({33, 128, 160}), 6)}, {"blur of 2"});
}

TEST(DetectorCalibration, DISABLED_LongRunOverTheWorld) { expect_calibrated(world_clips(1000, 300)); }

}  // namespace
}  // namespace wan::metrics
