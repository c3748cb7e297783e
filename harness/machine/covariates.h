// What the machine did during one visit: plain values for the record. A figure that could not be read is absent, and `absent` says why;
// it is never a made-up zero.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace wan::machine {

// Bits of GpuCovariates::event_reasons: why the driver held the clocks below the maximum (NVML's clocks event reasons).
inline constexpr std::uint64_t kReasonClocksSetting = 0x2;  // a person set or locked them
inline constexpr std::uint64_t kReasonSwPowerCap = 0x4;     // the normal state of large products
inline constexpr std::uint64_t kReasonHwSlowdown = 0x8;
inline constexpr std::uint64_t kReasonSwThermal = 0x20;
inline constexpr std::uint64_t kReasonHwThermal = 0x40;
inline constexpr std::uint64_t kReasonHwPowerBrake = 0x80;

struct CpuCovariates {
  std::optional<double> mean_clock_hz = {};               // over cores and samples
  std::optional<double> load_average = {};                // of the last minute, at the end
  std::optional<double> own_share = {};                   // of all cores' time: this process, its workers and their children
  std::optional<double> foreign_share = {};               // everybody else, with what a hypervisor took
  std::optional<std::int64_t> involuntary_switches = {};  // of our threads
  std::optional<double> max_temperature_c = {};
  std::optional<std::int64_t> cycles = {}, instructions = {};  // of our threads, in user mode
};

struct GpuCovariates {
  std::string uuid = {};
  std::int64_t samples = 0;
  std::optional<double> mean_sm_clock_hz = {}, min_sm_clock_hz = {}, max_sm_clock_hz = {};
  std::optional<double> mean_memory_clock_hz = {};
  std::optional<double> mean_power_w = {}, power_limit_w = {};
  std::optional<double> max_temperature_c = {};
  std::optional<std::uint64_t> event_reasons = {};   // bits, or of all samples
  std::vector<std::int64_t> foreign_processes = {};  // seen on this GPU at any time
  std::optional<std::int64_t> new_ecc_corrected = {}, new_ecc_uncorrected = {};
  std::vector<std::int64_t> xids = {};  // critical errors that the driver reported
};

struct Covariates {
  double elapsed_s = 0;      // of the sampling, on the monotonic clock
  double suspended_s = 0;    // the machine slept: CLOCK_BOOTTIME against CLOCK_MONOTONIC
  double wall_step_s = 0;    // the wall clock jumped: CLOCK_REALTIME against CLOCK_BOOTTIME
  double longest_gap_s = 0;  // between two samples: far above the period where this process was stopped
  CpuCovariates cpu = {};
  std::optional<GpuCovariates> gpu = {};
  std::vector<std::string> absent = {};  // one sentence a figure that could not be read
};

}  // namespace wan::machine
