#include "harness/machine/validity.h"

#include <fmt/format.h>

#include <cmath>

#include "harness/measure/statistics.h"

namespace wan::machine {
namespace {

struct NamedBit {
  std::uint64_t bit;
  const char* name;
};
constexpr NamedBit kEventNames[] = {{kReasonClocksSetting, "clocks set by a person"}, {kReasonSwPowerCap, "power cap"},
                                    {kReasonHwSlowdown, "hardware slowdown"},         {kReasonSwThermal, "software thermal slowdown"},
                                    {kReasonHwThermal, "hardware thermal slowdown"},  {kReasonHwPowerBrake, "power brake"}};

using Voidings = std::vector<Voiding>;

void judge_gpu(const ObservedVisit& visit, const GpuCovariates& gpu, const ValidityThresholds& thresholds, Voidings& found) {
  const auto add = [&](VoidReason reason, std::string detail) {
    found.push_back({.reason = reason, .configuration = visit.configuration, .detail = std::move(detail)});
  };
  if (const std::uint64_t bits = gpu.event_reasons.value_or(0) & thresholds.voiding_event_reasons)
    add(VoidReason::hw_slowdown, fmt::format("the GPU held its clocks back: {}", describe_event_reasons(bits)));
  if (!gpu.foreign_processes.empty())
    add(VoidReason::foreign_gpu_process, fmt::format("other processes computed on the GPU: {}", fmt::join(gpu.foreign_processes, ", ")));
  const std::int64_t corrected = gpu.new_ecc_corrected.value_or(0), uncorrected = gpu.new_ecc_uncorrected.value_or(0);
  if (corrected > 0 || uncorrected > 0)
    add(VoidReason::ecc, fmt::format("new memory errors: {} corrected, {} not corrected", corrected, uncorrected));
  if (!gpu.xids.empty()) add(VoidReason::xid, fmt::format("the driver reported Xid {}", fmt::join(gpu.xids, ", ")));
}

void judge_clock(const ObservedVisit& visit, const GpuCovariates& gpu, const SmClocks& medians_hz, const ValidityThresholds& thresholds,
                 Voidings& found) {
  const auto median_hz = medians_hz.find(visit.configuration);
  if (!gpu.mean_sm_clock_hz || median_hz == medians_hz.end() || median_hz->second <= 0) return;
  const double away = *gpu.mean_sm_clock_hz / median_hz->second - 1;
  if (std::abs(away) <= thresholds.sm_clock_ratio) return;
  found.push_back({.reason = VoidReason::sm_clock,
                   .configuration = visit.configuration,
                   .detail = fmt::format("the mean SM clock of {:.0f} MHz is {:+.1f} % away from the median {:.0f} MHz of its visits",
                                         1e-6 * *gpu.mean_sm_clock_hz, 100 * away, 1e-6 * median_hz->second)});
}

void judge_host(const ObservedVisit& visit, const ValidityThresholds& thresholds, Voidings& found) {
  const Covariates& seen = visit.covariates;
  if (seen.suspended_s > thresholds.suspended_s)
    found.push_back({.reason = VoidReason::suspended,
                     .configuration = visit.configuration,
                     .detail = fmt::format("the machine slept for {:.1f} s", seen.suspended_s)});
  else if (std::abs(seen.wall_step_s) > thresholds.wall_step_s)
    found.push_back(
        {.reason = VoidReason::suspended,
         .configuration = visit.configuration,
         .detail = fmt::format("the wall clock jumped by {:+.1f} s: the machine was paused, or its clock set", seen.wall_step_s)});
}

}  // namespace

const char* to_string(VoidReason reason) {
  switch (reason) {
    case VoidReason::hw_slowdown:
      return "hw_slowdown";
    case VoidReason::foreign_gpu_process:
      return "foreign_gpu_process";
    case VoidReason::ecc:
      return "ecc";
    case VoidReason::xid:
      return "xid";
    case VoidReason::sm_clock:
      return "sm_clock";
    case VoidReason::suspended:
      return "suspended";
  }
  return "unknown";
}

std::string describe_event_reasons(std::uint64_t bits) {
  std::vector<std::string> names;
  for (const auto& [bit, name] : kEventNames) {
    if (bits & bit) names.emplace_back(name);
    bits &= ~bit;
  }
  if (bits) names.push_back(fmt::format("{:#x}", bits));
  return names.empty() ? "nothing" : fmt::format("{}", fmt::join(names, ", "));
}

SmClocks median_sm_clocks_hz(std::span<const ObservedVisit> run) {
  std::map<std::string, std::vector<double>> clocks_hz;
  for (const ObservedVisit& visit : run)
    if (visit.covariates.gpu && visit.covariates.gpu->mean_sm_clock_hz)
      clocks_hz[visit.configuration].push_back(*visit.covariates.gpu->mean_sm_clock_hz);
  SmClocks medians_hz;
  for (const auto& [configuration, values] : clocks_hz) medians_hz[configuration] = measure::median(values);
  return medians_hz;
}

std::vector<Voiding> void_reasons(std::span<const ObservedVisit> block, const SmClocks& medians_hz, const ValidityThresholds& thresholds) {
  Voidings found;
  for (const ObservedVisit& visit : block) {
    if (visit.covariates.gpu) {
      judge_gpu(visit, *visit.covariates.gpu, thresholds, found);
      judge_clock(visit, *visit.covariates.gpu, medians_hz, thresholds, found);
    }
    judge_host(visit, thresholds, found);
  }
  return found;
}

}  // namespace wan::machine
