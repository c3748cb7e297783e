// Any bytes as a baseline file: refused with UsageError, or read, written back as the same baseline and compared with itself.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "engine/base/error.h"
#include "harness/baseline/baseline_json.h"
#include "harness/baseline/compare_baselines.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wan::baseline;
  try {
    const Baseline baseline = baseline_from_json({reinterpret_cast<const char*>(data), size}, "fuzz");
    const std::string text = to_json(baseline);
    if (baseline_from_json(text, "again") != baseline) std::abort();
    compare_baselines(baseline, baseline);
    compare_baselines({}, baseline);
    file_stem(baseline.machine_class);
  } catch (const wan::UsageError&) {
  }
  return 0;
}
