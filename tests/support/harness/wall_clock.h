// The wall clock as somebody sets it while programs run: `time` of this process is replaced, the monotonic clock is left alone.
#pragma once

#include <cstdint>

namespace wan::testing {

void set_wall_clock_ahead(std::int64_t seconds);  // of the machine's; negative: behind it, 0: as it is

}  // namespace wan::testing
