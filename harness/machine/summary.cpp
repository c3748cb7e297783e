#include "harness/machine/summary.h"

#include <algorithm>

namespace wan::machine {

void Tally::add(double value) {
  min_ = count_ == 0 ? value : std::min(min_, value);
  max_ = count_ == 0 ? value : std::max(max_, value);
  sum_ += value;
  ++count_;
}

std::optional<double> Tally::mean() const { return count_ ? std::optional(sum_ / static_cast<double>(count_)) : std::nullopt; }
std::optional<double> Tally::min() const { return count_ ? std::optional(min_) : std::nullopt; }
std::optional<double> Tally::max() const { return count_ ? std::optional(max_) : std::nullopt; }

void GpuSummary::add(const GpuSample& sample) {
  ++samples_;
  sm_clock_hz_.add(sample.sm_clock_hz);
  memory_clock_hz_.add(sample.memory_clock_hz);
  power_w_.add(sample.power_w);
  temperature_c_.add(sample.temperature_c);
  if (sample.event_reasons) event_reasons_ = event_reasons_.value_or(0) | *sample.event_reasons;
}

GpuCovariates GpuSummary::covariates() const {
  GpuCovariates gpu;
  gpu.samples = samples_;
  gpu.mean_sm_clock_hz = sm_clock_hz_.mean();
  gpu.min_sm_clock_hz = sm_clock_hz_.min();
  gpu.max_sm_clock_hz = sm_clock_hz_.max();
  gpu.mean_memory_clock_hz = memory_clock_hz_.mean();
  gpu.mean_power_w = power_w_.mean();
  gpu.max_temperature_c = temperature_c_.max();
  gpu.event_reasons = event_reasons_;
  return gpu;
}

std::vector<std::int64_t> foreign_processes(std::span<const GpuProcess> listed, const OurProcesses& ours) {
  std::vector<std::int64_t> foreign;
  bool matched = ours.same_namespace;
  for (const GpuProcess& process : listed) {
    const bool known = std::find(ours.pids.begin(), ours.pids.end(), process.pid) != ours.pids.end();
    if (!known) foreign.push_back(process.pid);
    matched = matched || known;
  }
  std::sort(foreign.begin(), foreign.end());
  foreign.erase(std::unique(foreign.begin(), foreign.end()), foreign.end());
  if (!matched) foreign.erase(foreign.begin(), foreign.begin() + static_cast<std::ptrdiff_t>(std::min(foreign.size(), ours.on_gpu)));
  return foreign;
}

std::optional<CpuShares> cpu_shares(const CpuTimes& before, const CpuTimes& after, std::uint64_t own_ticks) {
  if (after.total < before.total || after.busy < before.busy || after.total - before.total < kFewestTicks) return std::nullopt;
  const auto total = static_cast<double>(after.total - before.total);
  const std::uint64_t busy = after.busy - before.busy;
  return CpuShares{.own = std::min(1.0, static_cast<double>(own_ticks) / total),
                   .foreign = busy > own_ticks ? static_cast<double>(busy - own_ticks) / total : 0};
}

}  // namespace wan::machine
