// From samples to covariates: pure functions and running figures, so that a visit of an hour needs no more memory than one of a second.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/machine/covariates.h"
#include "harness/machine/nvml.h"
#include "harness/machine/proc.h"

namespace wan::machine {

// Mean and extremes of what was added; absent while nothing was.
class Tally {
 public:
  void add(double value);
  void add(const std::optional<double>& value) {
    if (value) add(*value);
  }
  std::optional<double> mean() const;
  std::optional<double> min() const;
  std::optional<double> max() const;

 private:
  std::int64_t count_ = 0;
  double sum_ = 0, min_ = 0, max_ = 0;
};

// What one look at a GPU gives; a figure that it does not report is absent.
struct GpuSample {
  std::optional<double> sm_clock_hz = {}, memory_clock_hz = {}, power_w = {}, temperature_c = {};
  std::optional<std::uint64_t> event_reasons = {};
};

class GpuSummary {
 public:
  void add(const GpuSample& sample);
  // The figures that come from samples; the others are at their defaults.
  GpuCovariates covariates() const;

 private:
  std::int64_t samples_ = 0;
  Tally sm_clock_hz_, memory_clock_hz_, power_w_, temperature_c_;
  std::optional<std::uint64_t> event_reasons_;
};

// Who computes on a GPU and is not one of ours. In a container a driver may report ids of the host, among which none is
// ours: then as many as we have there count as ours, and those beyond are foreign.
struct OurProcesses {
  std::vector<int> pids = {};
  std::size_t on_gpu = 0;  // how many of them hold a context on this GPU
  bool same_namespace = true;
};
std::vector<std::int64_t> foreign_processes(std::span<const GpuProcess> listed, const OurProcesses& ours);

// Shares of all cores' time between two looks. Absent below kFewestTicks: the clock's tick is then too coarse.
inline constexpr std::uint64_t kFewestTicks = 50;
struct CpuShares {
  double own = 0, foreign = 0;
};
std::optional<CpuShares> cpu_shares(const CpuTimes& before, const CpuTimes& after, std::uint64_t own_ticks);

}  // namespace wan::machine
