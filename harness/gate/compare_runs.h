// Two stored runs side by side, configuration by configuration. Scores are paired: the same prompt and seed in both. Times are not: two
// runs are not interleaved, so whatever drifted between them stands in their difference, and no interval over it would mean anything
// (measurement.md section 2.2: up to 0.99 false alarms). They are shown as medians and carry no verdict.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/gate/verdict.h"
#include "harness/measure/confidence.h"
#include "harness/measure/non_inferiority.h"
#include "harness/store/record.h"

namespace wan::gate {

enum class Change { better, worse, none_shown, too_few };  // none_shown: the interval holds zero
const char* to_string(Change change);

struct ScoreComparison {
  std::string score;
  measure::LossScale scale = measure::LossScale::plain;
  std::size_t clips = 0, prompts = 0;              // that both runs have
  double first = 0, second = 0;                    // figures over these clips, as the gates pool them
  double worsening = 0;                            // mean over prompts, in the unit of the loss
  std::optional<measure::Interval> interval = {};  // of it, two-sided 95 %
  Change change = Change::too_few;
};

struct TimeComparison {
  std::optional<double> first_s = {}, second_s = {};  // median over valid visits; neither where one run times clips and the other steps
  std::size_t first_visits = 0, second_visits = 0;
};

struct ConfigurationComparison {
  std::string id;
  Outcome first = Outcome::not_measured, second = Outcome::not_measured;  // overall verdicts, each of its own run
  bool judged = true;
  bool same_optimizations = true;
  std::size_t clips = 0, identical_clips = 0;  // that both have; whose hashes are equal
  std::vector<ScoreComparison> scores = {};
  std::vector<std::string> skipped = {};  // why a score is not compared, one sentence each
  TimeComparison times = {};
};

// A fact in which the runs differ.
struct Difference {
  std::string what, first, second;
};

struct RunComparison {
  std::vector<Difference> differences = {};
  std::vector<ConfigurationComparison> configurations = {};  // that both have, in the order of the first run
  std::vector<std::string> only_first = {}, only_second = {};
};

// UsageError if no configuration, or no clip of one, is in both.
RunComparison compare_runs(const store::RunRecord& first, const store::RunRecord& second);

}  // namespace wan::gate
