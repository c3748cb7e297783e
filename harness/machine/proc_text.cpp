#include "harness/machine/proc_text.h"

#include <array>
#include <charconv>
#include <cmath>

namespace wan::machine {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// The next word, cut off `text`; empty at its end.
std::string_view next_word(std::string_view& text) {
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return text = {};
  text.remove_prefix(first);
  const std::string_view word = text.substr(0, text.find_first_of(kBlanks));
  text.remove_prefix(word.size());
  return word;
}

std::string_view next_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(line.size() < text.size() ? line.size() + 1 : line.size());
  return line;
}

template <typename T>
std::optional<T> parse_all(std::string_view text) {
  const std::string_view word = trimmed(text);
  T value{};
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (word.empty() || error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::uint64_t> parse_count(std::string_view text) { return parse_all<std::uint64_t>(text); }

std::optional<double> parse_number(std::string_view text) {
  const auto value = parse_all<double>(text);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

std::optional<CpuTimes> parse_cpu_times(std::string_view stat) {
  std::string_view line = next_line(stat);
  if (next_word(line) != "cpu") return std::nullopt;
  // user nice system idle iowait irq softirq steal; the guests' columns behind them are in user already. Old kernels have fewer.
  constexpr std::size_t kFewest = 4, kColumns = 8, kIdle = 3, kWaiting = 4;
  std::array<std::uint64_t, kColumns> ticks{};
  std::size_t columns = 0;
  for (; columns < kColumns; ++columns) {
    const std::string_view word = next_word(line);
    if (word.empty()) break;
    const auto count = parse_count(word);
    if (!count) return std::nullopt;
    ticks[columns] = *count;
  }
  if (columns < kFewest) return std::nullopt;
  CpuTimes times;
  for (const std::uint64_t count : ticks) times.total += count;
  times.busy = times.total - ticks[kIdle] - ticks[kWaiting];
  return times;
}

std::optional<ProcessTimes> parse_process_times(std::string_view stat) {
  const auto name_end = stat.rfind(')');
  if (name_end == std::string_view::npos) return std::nullopt;
  std::string_view rest = stat.substr(name_end + 1);
  constexpr int kParent = 4, kFirstTime = 14, kLastTime = 17;  // columns as proc(5) numbers them: utime, stime, cutime, cstime
  ProcessTimes times;
  for (int column = 3; column <= kLastTime; ++column) {
    const std::string_view word = next_word(rest);
    if (column != kParent && column < kFirstTime) continue;
    const auto count = parse_count(word);
    if (!count) return std::nullopt;
    if (column == kParent && *count > INT32_MAX) return std::nullopt;
    if (column == kParent)
      times.parent = static_cast<int>(*count);
    else
      times.ticks += *count;
  }
  return times;
}

std::optional<double> parse_load_average(std::string_view loadavg) {
  const auto load = parse_number(next_word(loadavg));
  return load && *load >= 0 ? load : std::nullopt;
}

std::optional<double> parse_mean_clock_hz(std::string_view cpuinfo) {
  double sum_hz = 0;
  int cores = 0;
  while (!cpuinfo.empty()) {
    const std::string_view line = next_line(cpuinfo);
    if (!line.starts_with("cpu MHz")) continue;
    const auto clock_mhz = parse_number(value_of(line, "cpu MHz"));
    if (!clock_mhz || *clock_mhz <= 0) continue;
    sum_hz += 1e6 * *clock_mhz;
    ++cores;
  }
  if (cores == 0) return std::nullopt;
  return sum_hz / cores;
}

std::string_view value_of(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    const std::string_view line = next_line(text);
    const auto colon = line.find(':');
    if (colon != std::string_view::npos && trimmed(line.substr(0, colon)) == key) return trimmed(line.substr(colon + 1));
  }
  return {};
}

}  // namespace wan::machine
