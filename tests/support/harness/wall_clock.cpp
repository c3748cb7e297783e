#include "tests/support/harness/wall_clock.h"

#include <atomic>
#include <ctime>

namespace {

std::atomic<std::int64_t> g_ahead_s = 0;

}  // namespace

// Stands in for the C library's in the whole program: nothing else can move a clock under code that asks for the time.
extern "C" std::time_t time(std::time_t* result) {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  const std::time_t moved = now.tv_sec + static_cast<std::time_t>(g_ahead_s.load());
  if (result) *result = moved;
  return moved;
}

namespace wan::testing {

void set_wall_clock_ahead(std::int64_t seconds) { g_ahead_s = seconds; }

}  // namespace wan::testing
