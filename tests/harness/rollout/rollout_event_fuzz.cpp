// Any bytes as an event of rollout.jsonl: refused with UsageError, or read and written back as the same event.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "engine/base/error.h"
#include "harness/rollout/event_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wan::rollout;
  try {
    const Event event = event_from_json_line({reinterpret_cast<const char*>(data), size}, "fuzz");
    const std::string line = to_json_line(event);
    if (to_json_line(event_from_json_line(line, "again")) != line) std::abort();
    State state;
    apply(state, event);
  } catch (const wan::UsageError&) {
  }
  return 0;
}
