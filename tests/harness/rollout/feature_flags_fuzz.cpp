// Any bytes as a file of flags: refused with UsageError, or read and written back as the same flags.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "engine/base/error.h"
#include "harness/rollout/flags.h"

namespace {

const wan::plan::Known& known() {
  static const wan::plan::Known kKnown = {
      .optimizations = {{.id = "fa2", .summary = {}},
                        {.id = "fp8_linear",
                         .summary = {},
                         .parameters = {{.name = "scope", .help = {}, .default_value = std::string("ffn"), .choices = {"ffn", "full"}},
                                        {.name = "scale", .help = {}, .default_value = 1.0, .minimum = 0, .maximum = 4},
                                        {.name = "name", .help = {}, .default_value = std::string()}}}},
      .metrics = {}};
  return kKnown;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wan::rollout;
  try {
    const FeatureFlags flags = parse_flags({reinterpret_cast<const char*>(data), size}, "fuzz.toml", known());
    if (!(parse_flags(to_toml(flags), "again.toml", known()) == flags)) std::abort();
    flags.served();
  } catch (const wan::UsageError&) {
  }
  return 0;
}
