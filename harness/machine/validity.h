// Which blocks of a run count: pure functions of the covariates of its visits. A void block is left out with its reasons, before any time
// in it is looked at. That the clip which was timed is the clip which was scored (its hash) is for the caller to check.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "harness/machine/covariates.h"

namespace wan::machine {

// All thresholds. A software power cap is the normal state of a GPU under large products, and other programs that of a host: covariates,
// never reasons. Blocks and ranks are made for them.
struct ValidityThresholds {
  std::uint64_t voiding_event_reasons = kReasonHwSlowdown | kReasonHwThermal | kReasonHwPowerBrake;
  double sm_clock_ratio = 0.03;  // away from the median of the same configuration's visits: a faster one runs at another clock
  double suspended_s = 0.1;
  double wall_step_s = 1.0;  // a paused virtual machine shows only here; smaller corrections of the clock are usual
};

enum class VoidReason { hw_slowdown, foreign_gpu_process, ecc, xid, sm_clock, suspended };
const char* to_string(VoidReason reason);

// In words, for reports: "power cap, hardware slowdown"; "nothing" without a bit.
std::string describe_event_reasons(std::uint64_t bits);

struct Voiding {
  VoidReason reason = VoidReason::suspended;
  std::string configuration = {};  // whose visit it was
  std::string detail = {};         // one sentence with the figures
};

struct ObservedVisit {
  std::string configuration;
  Covariates covariates;
};

// By configuration: the median over its visits in the run of the mean SM clock. Configurations without a clock are not in it.
using SmClocks = std::map<std::string, double>;
SmClocks median_sm_clocks_hz(std::span<const ObservedVisit> run);

// Why the block of these visits is void; empty if it counts. What could not be read voids nothing.
std::vector<Voiding> void_reasons(std::span<const ObservedVisit> block, const SmClocks& medians_hz,
                                  const ValidityThresholds& thresholds = {});

}  // namespace wan::machine
