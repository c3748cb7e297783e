// Is the candidate's quality no worse than its reference by more than a frozen margin? Decided on scales where differences are about
// normal: one-sided 95 % t bounds of a skewed, LPIPS-like score cover 0.85 to 0.93, on the log scale 0.94 to 0.95 at every n
// (measurement.md §2.2).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "harness/measure/confidence.h"
#include "harness/measure/decision.h"

namespace wan::measure {

// How a score becomes a loss, which is larger where quality is worse. Identical clips have no finite loss on any of these scales, so each
// is cut off where no eye and no encoder tells the difference; without the cut a single identical clip would drown the spread of the
// others.
enum class LossScale {
  psnr_db,  // -PSNR in dB as is, PSNR cut at kPsnrCapDb
  ssim_db,  // 10 log10(1 - SSIM), cut where -that is kSsimCapDb
  log,      // ln(score), of LPIPS, MSE and their like, score cut at kLogFloor from below: differences are relative
  plain,    // -score as is, of scores where more is better and nothing saturates
};

inline constexpr double kPsnrCapDb = 60;   // libvmaf's cap for 8 bits, 6 x 8 + 12: one sample in fifteen off by one
inline constexpr double kSsimCapDb = 60;   // 1 - SSIM = 1e-6
inline constexpr double kLogFloor = 1e-4;  // five hundred times below the roadmap's LPIPS of 0.05

// CheckError if the score is NaN, SSIM above 1, or a score of scale `log` negative. PSNR may be infinite.
double loss(LossScale scale, double score);

// The score of a loss, the inverse of `loss` between the cuts.
double score_of(LossScale scale, double loss);

// loss(candidate) - loss(reference), clip by clip [N]. Average over a prompt's seeds afterwards (effective_size.h): here every value is
// finite, where a mean of scores may not be. CheckError if the lengths differ.
std::vector<double> worsening(LossScale scale, std::span<const double> reference, std::span<const double> candidate);
// The same against one absolute limit, such as PSNR > 30 dB.
std::vector<double> worsening_beyond(LossScale scale, double limit, std::span<const double> candidate);

// What a calibration run stored with the baseline, both in the unit of the loss.
struct Calibration {
  double mean = 0;                               // of the baseline
  double standard_deviation_of_differences = 0;  // of paired differences between two honest runs
};

// A margin in which the sample under test had no part, or a noisy candidate would widen its own: from a calibration, or from a reviewed
// file (on the scale `log` a factor of 1.15 is the margin ln 1.15). A type of its own, so that no figure of the sample passes for one
// unnoticed.
struct FrozenMargin {
  double value = 0;  // at least 0, in the unit of the worsening
};

// min(1 % of |mean|, 0.3 SD), measurement.md §2.3. CheckError if the deviation is negative or either is not finite.
FrozenMargin frozen_margin(const Calibration& calibration);

struct NonInferiority {
  std::size_t n = 0;
  double mean = 0;                      // worsening; above 0 the candidate is worse
  std::optional<Interval> bounds = {};  // two one-sided t bounds at alpha each; none of a single prompt
  FrozenMargin margin = {};
  Decision decision = Decision::inconclusive;
};

// `worsening` [P], one a prompt. held: the upper bound is at most the margin. CheckError if there are none, one is not finite, alpha is
// outside (0, 0.5), or the margin is negative.
NonInferiority non_inferiority(std::span<const double> worsening, FrozenMargin margin, double alpha = 0.05);

}  // namespace wan::measure
