// Counts the bytes of tensors exactly: LibTorch's allocator on the host reports each block that it hands out and takes back, and the one
// place that maps weights reports those. What libraries allocate past LibTorch is not seen, and neither are other threads.
#pragma once

#include <c10/util/ThreadLocalDebugInfo.h>

#include <cstdint>
#include <memory>

namespace wan::runtime {

class MemoryMeter {
 public:
  MemoryMeter();

  std::int64_t live_bytes() const;
  std::int64_t peak_bytes() const;  // since the last reset
  void reset_peak();

  // While one lives, what this thread allocates and frees on the host is counted. A block that was allocated under no scope is not counted
  // when it is freed; one that is freed under none stays counted, so all that owns metered tensors is made, used and destroyed under one.
  class Scope {
   public:
    explicit Scope(const MemoryMeter& meter);

   private:
    c10::DebugInfoGuard guard_;
  };

 private:
  struct Count;
  std::shared_ptr<Count> count_;
};

// A read-only mapping of `bytes` that serves as a tensor's storage came or, with a negative number, went.
void report_mapping(void* data, std::int64_t bytes);

}  // namespace wan::runtime
