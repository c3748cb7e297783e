#include "harness/machine/proc.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <limits>
#include <set>
#include <system_error>

namespace wan::machine {
namespace {

constexpr std::size_t kSmallFile = std::size_t{4} << 20;             // /proc/cpuinfo of a large host has some hundred KiB
constexpr std::string_view kFirstPidNamespace = "pid:[4026531836]";  // the kernel's constant PROC_PID_INIT_INO
constexpr double kHottestHonest_c = 150;                             // sensors that are not connected read as -274 or 255

// The names in a folder; none if it cannot be read.
std::vector<std::string> names_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
    names.push_back(entry->path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<int> numbers_in(const std::filesystem::path& folder) {
  std::vector<int> numbers;
  for (const auto& name : names_in(folder))
    if (const auto number = parse_count(name); number && *number <= std::numeric_limits<int>::max())
      numbers.push_back(static_cast<int>(*number));
  return numbers;
}

}  // namespace

std::string read_small_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return {};
  std::string text(4096, '\0');
  std::size_t size = 0;
  while (stream && size < kSmallFile) {
    stream.read(text.data() + size, static_cast<std::streamsize>(text.size() - size));
    size += static_cast<std::size_t>(stream.gcount());
    if (size == text.size()) text.resize(2 * text.size());
  }
  text.resize(size);
  return text;
}

std::uint64_t ticks_between(const ProcessUse& before, const ProcessUse& after) {
  return after.ticks > before.ticks ? after.ticks - before.ticks : 0;  // less where one of ours ended and nobody has waited for it
}

std::uint64_t switches_between(const ProcessUse& before, const ProcessUse& after) {
  std::uint64_t switches = 0;
  for (const auto& [thread, count] : after.involuntary_switches) {
    const auto earlier = before.involuntary_switches.find(thread);
    const std::uint64_t base = earlier == before.involuntary_switches.end() ? 0 : earlier->second;
    if (count > base) switches += count - base;
  }
  return switches;
}

std::optional<CpuTimes> Proc::cpu_times() const { return parse_cpu_times(read_small_file(root_ / "proc/stat")); }

std::optional<double> Proc::load_average() const { return parse_load_average(read_small_file(root_ / "proc/loadavg")); }

std::optional<double> Proc::mean_clock_hz() const {
  const auto folder = root_ / "sys/devices/system/cpu";
  double sum_hz = 0;
  int cores = 0;
  for (const auto& name : names_in(folder)) {
    if (!name.starts_with("cpu") || !parse_count(std::string_view(name).substr(3))) continue;
    const auto clock_khz = parse_number(read_small_file(folder / name / "cpufreq/scaling_cur_freq"));
    if (!clock_khz || *clock_khz <= 0) continue;
    sum_hz += 1e3 * *clock_khz;
    ++cores;
  }
  if (cores > 0) return sum_hz / cores;
  return parse_mean_clock_hz(read_small_file(root_ / "proc/cpuinfo"));
}

std::optional<double> Proc::max_temperature_c() const {
  std::optional<double> hottest_c;
  const auto consider = [&](const std::filesystem::path& file) {
    const auto milli = parse_number(read_small_file(file));
    if (!milli || *milli <= 0 || *milli > 1e3 * kHottestHonest_c) return;
    hottest_c = std::max(hottest_c.value_or(0), 1e-3 * *milli);
  };
  const auto zones = root_ / "sys/class/thermal", monitors = root_ / "sys/class/hwmon";
  for (const auto& name : names_in(zones))
    if (name.starts_with("thermal_zone")) consider(zones / name / "temp");
  for (const auto& monitor : names_in(monitors))
    for (const auto& name : names_in(monitors / monitor))
      if (name.starts_with("temp") && name.ends_with("_input")) consider(monitors / monitor / name);
  return hottest_c;
}

ProcessUse Proc::use_of(std::span<const int> processes) const {
  const auto folder = root_ / "proc";
  std::map<int, ProcessTimes> all;
  for (const int process : numbers_in(folder))
    if (const auto times = parse_process_times(read_small_file(folder / std::to_string(process) / "stat"))) all[process] = *times;
  std::multimap<int, int> children;
  for (const auto& [process, times] : all) children.emplace(times.parent, process);

  ProcessUse use;
  std::set<int> seen;
  std::vector<int> waiting(processes.begin(), processes.end());
  while (!waiting.empty()) {
    const int process = waiting.back();
    waiting.pop_back();
    const auto found = all.find(process);
    if (found == all.end() || !seen.insert(process).second) continue;
    use.processes.push_back(process);
    use.ticks += found->second.ticks;
    const auto [first, last] = children.equal_range(process);
    for (auto child = first; child != last; ++child) waiting.push_back(child->second);
    for (const int thread : threads_of(process)) {
      const std::string status = read_small_file(folder / std::to_string(process) / "task" / std::to_string(thread) / "status");
      if (const auto count = parse_count(value_of(status, "nonvoluntary_ctxt_switches"))) use.involuntary_switches[thread] = *count;
    }
  }
  return use;
}

std::vector<int> Proc::threads_of(int process) const { return numbers_in(root_ / "proc" / std::to_string(process) / "task"); }

bool Proc::in_first_pid_namespace() const {
  std::error_code error;
  const auto target = std::filesystem::read_symlink(root_ / "proc/self/ns/pid", error);
  return !error && target.string() == kFirstPidNamespace;
}

std::optional<bool> Proc::profiling_for_admins_only() const {
  const auto value = parse_count(value_of(read_small_file(root_ / "proc/driver/nvidia/params"), "RmProfilingAdminOnly"));
  if (!value) return std::nullopt;
  return *value != 0;
}

std::optional<std::int64_t> Proc::perf_event_paranoid() const {
  const auto level = parse_number(read_small_file(root_ / "proc/sys/kernel/perf_event_paranoid"));  // -1 to 4
  if (!level || *level < -1 || *level > 9) return std::nullopt;
  return static_cast<std::int64_t>(*level);
}

}  // namespace wan::machine
