#include "harness/machine/perf_counters.h"

#include <fmt/format.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace wan::machine {
namespace {

int open_counter(std::uint64_t event, int thread) {
  perf_event_attr attributes;
  std::memset(&attributes, 0, sizeof attributes);
  attributes.size = sizeof attributes;
  attributes.type = PERF_TYPE_HARDWARE;
  attributes.config = event;
  attributes.exclude_kernel = 1;  // what perf_event_paranoid = 2 permits
  attributes.exclude_hv = 1;
  attributes.inherit = 1;
  attributes.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
  return static_cast<int>(::syscall(SYS_perf_event_open, &attributes, thread, -1, -1, PERF_FLAG_FD_CLOEXEC));
}

std::string reason_of(int code) {
  const char* hint = code == EACCES || code == EPERM ? ": perf_event_paranoid or a sandbox forbids it"
                     : code == ENOENT || code == EOPNOTSUPP || code == ENODEV || code == ENOSYS ? ": this machine offers none"
                                                                                                : "";
  return fmt::format("cycles and instructions: {}{}", std::generic_category().message(code), hint);
}

}  // namespace

PerfCounters::PerfCounters(std::span<const int> threads) {
  for (const int thread : threads) {
    const int cycles = open_counter(PERF_COUNT_HW_CPU_CYCLES, thread);
    if (cycles < 0 && errno == ESRCH) continue;  // it has just ended
    if (cycles < 0) {
      problem_ = reason_of(errno);
      break;
    }
    cycles_.push_back(cycles);
    if (const int instructions = open_counter(PERF_COUNT_HW_INSTRUCTIONS, thread); instructions >= 0) instructions_.push_back(instructions);
  }
  if (problem_.empty() && cycles_.empty()) problem_ = "cycles and instructions: no thread to count";
}

PerfCounters::~PerfCounters() {
  for (const auto* counters : {&cycles_, &instructions_})
    for (const int counter : *counters) ::close(counter);
}

std::optional<std::int64_t> PerfCounters::sum(const std::vector<int>& counters) const {
  // A part of the threads is no figure.
  if (!problem_.empty() || counters.empty() || counters.size() != cycles_.size()) return std::nullopt;
  double total = 0;
  for (const int counter : counters) {
    struct {
      std::uint64_t value, enabled_ns, running_ns;
    } reading{};
    if (::read(counter, &reading, sizeof reading) != sizeof reading) return std::nullopt;
    if (reading.running_ns > 0)
      total += static_cast<double>(reading.value) * (static_cast<double>(reading.enabled_ns) / static_cast<double>(reading.running_ns));
  }
  return static_cast<std::int64_t>(total);
}

}  // namespace wan::machine
