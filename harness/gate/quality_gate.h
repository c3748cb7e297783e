// Both quality gates of one configuration over a suite of clips.
//
//   roadmap     SSIM, LPIPS and PSNR against the quality baseline lie strictly beyond the tier's bounds. Rejected: SSIM under its lower
//   bound,
//               values that are not finite, a crash, memory exhausted, artifacts in more than the permitted share of clips.
//   calibrated  LPIPS, 1 - SSIM and MSE are at most `calibrated_ratio` times what an equally valid BF16 run (bf16_twin) has on the same
//               prompts and seeds (or has in the promoted baseline, which the record then carries); detectors clean; teacher-forced error
//               where a tier bounds it.
//
// A bound is met if the suite's mean meets it and the one-sided 95 % bound over its prompts does, on a scale where scores are about normal
// (measure/non_inferiority.h); it is missed if the mean misses it or the other bound does; between them the gate is inconclusive.
// A criterion without data is never passed: `not_measured` if this run did not look, `invalid` if it looked and has no number,
// `inconclusive` if clips are still to come. Pure functions of the record.
#pragma once

#include <string>

#include "harness/gate/verdict.h"
#include "harness/store/record.h"

namespace wan::gate {

inline constexpr const char* kNoiseFloor = "bf16_twin";  // the usual one; a configuration names its own
inline constexpr const char* kSsim = "ssim.ipol";
inline constexpr const char* kLpips = "lpips.alex";
inline constexpr const char* kPsnr = "psnr.pooled";
inline constexpr const char* kMse = "mse";

GateResult judge_roadmap(const store::RunRecord& run, const store::ConfigurationRecord& candidate);
GateResult judge_calibrated(const store::RunRecord& run, const store::ConfigurationRecord& candidate);

// The figures of a configuration that is not judged, for the tables: values without outcome.
GateResult show_figures(const store::ConfigurationRecord& configuration, const std::string& reason);

}  // namespace wan::gate
