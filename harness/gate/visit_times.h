// Which visits of a run may be trusted, and what time each of them gives: of a whole clip, or in a run of timed steps of the denoising loop
// that these predict.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/store/record.h"

namespace wan::gate {

// The visit that counts of a configuration in each block.
std::map<std::int64_t, const store::Visit*> visits_of(const store::RunRecord& run, const std::string& id);

inline constexpr std::int64_t kEveryBlock = std::numeric_limits<std::int64_t>::max();

// By block: why its times count for nothing, whoever's visit it was. What a clock should be is what the visits before block `end` say:
// later ones change nothing of what was seen until then.
std::map<std::int64_t, std::string> void_blocks(const store::RunRecord& run, std::int64_t end = kEveryBlock);

// Whether visits time denoising steps: their times are of the loop alone, without text encoding and decoding.
bool times_steps(const store::RunRecord& run);

// The names of the run's figures of time in everything that lays runs side by side: those of clips and of loops never meet.
const char* time_figure(const store::RunRecord& run);     // clip_s, loop_s
const char* speedup_figure(const store::RunRecord& run);  // speedup, loop_speedup
// "whole clips", "3 denoising steps of each expert".
std::string timed_text(const store::RunRecord& run);

// Seconds of the denoising loop of a clip: the steps that it takes of each expert times the median of those that were timed. Nothing where
// an expert that a clip needs was not timed.
std::optional<double> predicted_loop_s(const store::TimedSteps& steps);

// Seconds that a visit gives, void or not: the median of its clips, or the loop that its steps predict. Nothing if it has neither.
std::optional<double> visit_s(const store::Visit& visit);

// That of each visit that is not void, in the order of the blocks.
std::vector<double> valid_visit_s(const store::RunRecord& run, const std::string& id);

// Seconds of whole clips: of the valid visits, or in a run of timed steps of the clips that were made in it for their quality.
std::vector<double> whole_clip_s(const store::RunRecord& run, const std::string& id);

}  // namespace wan::gate
