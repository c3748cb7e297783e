// Pure parsers of the kernel's text files. Bad input is an absent value: these files differ between kernels, containers and sandboxes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wan::machine {

// Clock ticks of all cores together since boot.
struct CpuTimes {
  std::uint64_t busy = 0;   // user, system, interrupts, and what a hypervisor took for others
  std::uint64_t total = 0;  // with idle and waiting
};

struct ProcessTimes {
  int parent = 0;
  std::uint64_t ticks = 0;  // user and system, with those of children that have ended and were waited for
};

// Digits alone, or a finite number alone; blanks may stand around it, nothing else.
std::optional<std::uint64_t> parse_count(std::string_view text);
std::optional<double> parse_number(std::string_view text);

// The first line of /proc/stat.
std::optional<CpuTimes> parse_cpu_times(std::string_view stat);
// /proc/<pid>/stat; the program's name in it may hold blanks and brackets.
std::optional<ProcessTimes> parse_process_times(std::string_view stat);
// The first field of /proc/loadavg.
std::optional<double> parse_load_average(std::string_view loadavg);
// The mean of the lines "cpu MHz : x" of /proc/cpuinfo.
std::optional<double> parse_mean_clock_hz(std::string_view cpuinfo);
// The value of the first line "key: value", without blanks around it; empty if there is none.
std::string_view value_of(std::string_view text, std::string_view key);

}  // namespace wan::machine
