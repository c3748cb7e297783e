// Any bytes as a file of the kernel: the parsers must answer, and what they give must be a figure that can be reckoned with.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "harness/machine/proc_text.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wan::machine;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto number = parse_number(text);
  require(!number || std::isfinite(*number));
  if (parse_count(text)) require(number.has_value());
  parse_cpu_times(text);
  if (const auto times = parse_process_times(text)) require(times->parent >= 0);
  const auto load = parse_load_average(text);
  require(!load || (std::isfinite(*load) && *load >= 0));
  const auto clock_hz = parse_mean_clock_hz(text);
  require(!clock_hz || *clock_hz > 0);
  const std::string_view key = text.substr(0, text.find(':'));
  require(value_of(text, key).size() <= text.size());
  return 0;
}
