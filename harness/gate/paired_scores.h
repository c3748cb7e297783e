// The same clips scored twice: how much worse the second is, prompt by prompt, on a scale where differences are about normal.
#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

#include "harness/gate/suite_scores.h"
#include "harness/measure/non_inferiority.h"

namespace wan::gate {

struct ScaledScore {
  const char* name;
  measure::LossScale scale;
};

// The scores that the gates read, each with its loss scale.
extern const std::array<ScaledScore, 4> kScaledScores;

struct PairedScores {
  std::size_t clips = 0;               // that both have
  std::vector<double> worsening = {};  // one a prompt, averaged over its seeds, in the unit of the loss; above 0 the second is worse
};

// measure::loss of a clip's score; an SSIM that rounding carried above 1 is 1.
double clip_loss(measure::LossScale scale, double score);

// One mean loss a prompt, over its seeds in all of them; empty without values.
std::vector<double> prompt_losses(std::span<const ClipValues> all, measure::LossScale scale);

PairedScores pair_scores(const ClipValues& first, const ClipValues& second, measure::LossScale scale);

// The figure of a suite as the gates pool it: means, and PSNR over the mean squared error.
double suite_figure(const std::string& score, const std::map<ClipId, double>& values);

}  // namespace wan::gate
