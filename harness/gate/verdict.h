// The judgement of one configuration: one enum everywhere, each with reason, value, bound, margin.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/plan/tier.h"

namespace wan::gate {

enum class Outcome { held, failed, rejected, inconclusive, not_measured, invalid, not_claimed };
const char* to_string(Outcome outcome);

// One figure that a gate looked at.
struct Criterion {
  std::string name;  // ssim.ipol, lpips.alex, psnr.pooled, artifact_share, speedup, ...
  Outcome outcome = Outcome::not_measured;
  std::string reason = {};  // a code: within_bound, below_bound, slower, no_baseline, ...; details after ": "
  std::optional<double> value = {};
  std::optional<double> bound = {};
  std::optional<double> margin = {};          // positive: on the good side of the bound
  std::optional<double> low = {}, high = {};  // of the value, at the level that the gate states
  std::size_t n = 0;                          // clips or visits that the value rests on
  plan::Level level = plan::Level::error;     // below error it is shown and decides nothing
  bool operator==(const Criterion&) const = default;
};

struct GateResult {
  Outcome outcome = Outcome::not_measured;
  std::string reason = {};  // the deciding criterion in words a person reads
  std::vector<Criterion> criteria = {};
  bool operator==(const GateResult&) const = default;
};

struct Verdict {
  std::string configuration;
  bool judged = true;  // false: others are compared with it (a baseline, the noise floor), so it can neither pass nor fail
  GateResult speed = {};
  GateResult quality_roadmap = {};
  GateResult quality_calibrated = {};
  std::string deciding_gate = "roadmap";
  Outcome overall = Outcome::not_measured;  // speed and deciding quality gate together
  bool operator==(const Verdict&) const = default;
};

}  // namespace wan::gate
