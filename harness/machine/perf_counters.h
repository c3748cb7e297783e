// The CPU's own counters of a set of threads (perf_event_open), in user mode. Containers, virtual machines and perf_event_paranoid may
// forbid them: then they are absent with the reason.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace wan::machine {

class PerfCounters {
 public:
  // Counts from now on; threads that these start later are counted too.
  explicit PerfCounters(std::span<const int> threads);
  ~PerfCounters();
  PerfCounters(const PerfCounters&) = delete;  // descriptors are closed once
  PerfCounters& operator=(const PerfCounters&) = delete;

  // Empty, or why nothing is counted.
  const std::string& problem() const { return problem_; }
  // Sums over threads, scaled where the CPU has had fewer counters than were wanted; absent if nothing is counted.
  std::optional<std::int64_t> cycles() const { return sum(cycles_); }
  std::optional<std::int64_t> instructions() const { return sum(instructions_); }

 private:
  std::optional<std::int64_t> sum(const std::vector<int>& counters) const;
  std::vector<int> cycles_ = {}, instructions_ = {};
  std::string problem_ = {};
};

}  // namespace wan::machine
