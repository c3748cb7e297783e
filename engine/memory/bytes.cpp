#include "engine/memory/bytes.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "engine/base/error.h"

namespace wan::memory {

std::int64_t usable_bytes(std::int64_t free_bytes, bool device) {
  // cuBLAS, cuDNN and the kernels' code take some hundred MiB when they are first used, and of an allocator's blocks some hundredths are
  // lost between tensors of different sizes.
  constexpr std::int64_t kLibraries = std::int64_t{768} << 20;
  const std::int64_t left = free_bytes - (device ? kLibraries : 0);
  return std::max<std::int64_t>(1, left - left / 32);
}

std::int64_t parse_bytes(const std::string& text, const char* flag) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string unit(end, text.data() + text.size());
  constexpr std::pair<const char*, int> kUnits[] = {{"", 0},   {"B", 0},    {"KiB", 10}, {"K", 10},  {"MiB", 20},
                                                    {"M", 20}, {"GiB", 30}, {"G", 30},   {"TiB", 40}};
  for (const auto& [name, shift] : kUnits)
    if (error == std::errc{} && unit == name && value > 0 && value < 1e15)
      return static_cast<std::int64_t>(value * static_cast<double>(std::int64_t{1} << shift));
  throw UsageError(fmt::format("{} '{}': expected a size such as 24GiB or 512MiB", flag, text));
}

std::string print_bytes(std::int64_t bytes) {
  const double mebibytes = static_cast<double>(bytes) / (1 << 20);
  return mebibytes < 1000 ? fmt::format("{:.1f} MiB", mebibytes) : fmt::format("{:.2f} GiB", mebibytes / 1024);
}

}  // namespace wan::memory
