// The cells of one configuration as the gates see them: what became of each clip, and scores pooled from clips to the suite.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "harness/store/record.h"

namespace wan::gate {

using ClipId = std::pair<std::string, std::uint64_t>;  // prompt, seed

const store::ConfigurationRecord* find_configuration(const store::RunRecord& run, const std::string& id);

// The cells that carry one prompt and seed, by it.
std::map<ClipId, const store::Cell*> by_clip(const store::ConfigurationRecord& configuration);

// What became of the clips that the run wants of a configuration. Each is counted once.
struct Coverage {
  std::size_t expected = 0, done = 0;
  std::size_t crashed = 0, out_of_memory = 0, nonfinite = 0;
  std::size_t unusable = 0;      // failed for another reason, or skipped: the measurement, not the configuration, is at fault
  std::size_t pending = 0;       // interrupted or not started: resuming brings them
  std::string first_fault = {};  // of a crashed, out-of-memory or unusable clip
};
Coverage cover(const store::ConfigurationRecord& configuration);

// The values that one score has over the clips, and why some clips have none.
struct ClipValues {
  std::map<ClipId, double> values = {};
  bool measured = false;   // at least one clip carries the score, if only as an error
  std::string error = {};  // first reason why a finished clip has no number
};
ClipValues clip_values(const store::ConfigurationRecord& configuration, const std::string& metric);

// Mean over clips of the clips' means. Of no values: 0.
double mean_over_clips(const std::map<ClipId, double>& values);

// PSNR of the mean squared error over the clips. The mean of decibels would be infinite as soon as one clip is identical, and would then
// hide every bad one.
double pooled_psnr_db(const std::map<ClipId, double>& clip_psnr_db);

// True if a detector fired on this clip, or it carries values that are not finite.
bool has_artifact(const store::Cell& cell);

}  // namespace wan::gate
