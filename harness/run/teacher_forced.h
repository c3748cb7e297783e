// Teacher-forced error as scores of a cell: the velocity of each step against the quality baseline's at the same latents. `per_frame` holds
// one value a step there. The one score in which trajectories cannot diverge.
#pragma once

#include <string>
#include <vector>

#include "engine/generation.h"
#include "metrics/score.h"

namespace wan::run {

inline constexpr const char* kTeacherForcedError = "teacher_forced.relative_l2";

// teacher_forced.relative_l2 and teacher_forced.cosine over all steps, and the error again for each expert that had a step.
std::vector<metrics::Score> teacher_forced_scores(const ReplayResult& replay);

// The score in place of these where the replay could not be made.
metrics::Score teacher_forced_failure(const std::string& reason);

}  // namespace wan::run
