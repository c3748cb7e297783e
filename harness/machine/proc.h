// What /proc and /sys tell of the machine and of our processes. `root` stands before both folders; a test replaces it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/machine/proc_text.h"

namespace wan::machine {

// A whole small file; empty if it cannot be read.
std::string read_small_file(const std::filesystem::path& file);

// Ours and their children's, to be compared with a later one.
struct ProcessUse {
  std::vector<int> processes = {};
  std::uint64_t ticks = 0;
  std::map<int, std::uint64_t> involuntary_switches = {};  // by thread
};

// What happened between two; a thread that ended takes its switches with it.
std::uint64_t ticks_between(const ProcessUse& before, const ProcessUse& after);
std::uint64_t switches_between(const ProcessUse& before, const ProcessUse& after);

class Proc {
 public:
  explicit Proc(std::filesystem::path root = "/") : root_(std::move(root)) {}

  std::optional<CpuTimes> cpu_times() const;
  std::optional<double> load_average() const;
  std::optional<double> mean_clock_hz() const;      // cpufreq where it is, else /proc/cpuinfo
  std::optional<double> max_temperature_c() const;  // of the thermal zones and hardware monitors
  // `processes` and whatever descends from them.
  ProcessUse use_of(std::span<const int> processes) const;
  std::vector<int> threads_of(int process) const;
  // False in a container: process ids that a driver reports are then of another namespace.
  bool in_first_pid_namespace() const;
  // Whether the driver keeps the counters of GPUs (range profiler, PM sampling) for administrators; absent without a driver.
  std::optional<bool> profiling_for_admins_only() const;
  std::optional<std::int64_t> perf_event_paranoid() const;

 private:
  std::filesystem::path root_;
};

}  // namespace wan::machine
