#include "engine/runtime/memory_meter.h"

#include <c10/core/Allocator.h>

#include <algorithm>

namespace wan::runtime {

struct MemoryMeter::Count final : c10::MemoryReportingInfoBase {
  void reportMemoryUsage(void*, std::int64_t bytes, std::size_t, std::size_t, c10::Device device) override {
    if (!device.is_cpu()) return;
    live += bytes;
    peak = std::max(peak, live);
  }
  bool memoryProfilingEnabled() const override { return true; }

  std::int64_t live = 0, peak = 0;
};

MemoryMeter::MemoryMeter() : count_(std::make_shared<Count>()) {}

std::int64_t MemoryMeter::live_bytes() const { return count_->live; }
std::int64_t MemoryMeter::peak_bytes() const { return count_->peak; }
void MemoryMeter::reset_peak() { count_->peak = count_->live; }

MemoryMeter::Scope::Scope(const MemoryMeter& meter) : guard_(c10::DebugInfoKind::PROFILER_STATE, meter.count_) {}

void report_mapping(void* data, std::int64_t bytes) {
  if (c10::memoryProfilingEnabled()) c10::reportMemoryUsageToProfiler(data, bytes, 0, 0, c10::Device(c10::kCPU));
}

}  // namespace wan::runtime
