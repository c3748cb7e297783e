// Work for several threads, by index.
#pragma once

#include <cstdint>
#include <functional>

namespace wan::metrics {

// Calls work(i, worker) once for each i in 0 ... count - 1, taken in order by up to `threads` threads, the caller's among them; worker is
// the thread's number, below `threads`. Returns when all are done. An exception of the lowest i is thrown on; later ones may not be begun.
void for_each_index(std::int64_t count, int threads, const std::function<void(std::int64_t i, int worker)>& work);

}  // namespace wan::metrics
