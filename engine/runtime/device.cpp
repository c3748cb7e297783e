#include "engine/runtime/device.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <malloc.h>

#include <algorithm>
#include <charconv>
#include <climits>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/error.h"
#include "engine/runtime/plugin.h"

namespace wan::runtime {

void keep_freed_memory() {
  // A decode frees and takes back hundreds of MiB; given back to the system each time, their page faults cost a fifth of its time
  // (measured).
  ::mallopt(M_MMAP_THRESHOLD, 1 << 30);
  ::mallopt(M_TRIM_THRESHOLD, INT_MAX);
}

at::Device open_device(const std::string& name) {
  if (name == "cpu") return at::kCPU;
  std::string_view rest = name;
  int index = 0;
  if (!rest.starts_with("cuda")) throw UsageError(fmt::format("device '{}' is not known; use cpu, cuda or cuda:<index>", name));
  rest.remove_prefix(4);
  if (!rest.empty()) {
    const auto [end, error] = std::from_chars(rest.data() + 1, rest.data() + rest.size(), index);
    if (rest.front() != ':' || rest.size() < 2 || error != std::errc{} || end != rest.data() + rest.size() || index < 0)
      throw UsageError(fmt::format("device '{}' is not known; use cpu, cuda or cuda:<index>", name));
  }
  const int devices = load_cuda_plugin().device_count();
  if (index >= devices)
    throw UsageError(fmt::format("device '{}': this machine has {} CUDA device{}", name, devices, devices == 1 ? "" : "s"));
  at::globalContext().lazyInitDevice(at::kCUDA);  // the allocator's statistics are asked for before its first tensor
  return at::Device(at::kCUDA, static_cast<at::DeviceIndex>(index));
}

void synchronize(at::Device device) {
  if (!device.is_cpu()) c10::impl::VirtualGuardImpl(device.type()).synchronizeDevice(device.index());
}

void reset_peak_bytes(at::Device device) {
  WAN_CHECK(!device.is_cpu(), "the host's tensors are counted by a meter");
  load_cuda_plugin().reset_peak_bytes(device.index());
}

std::int64_t peak_bytes(at::Device device) {
  WAN_CHECK(!device.is_cpu(), "the host's tensors are counted by a meter");
  return load_cuda_plugin().peak_bytes(device.index());
}

namespace {

// The number behind `word` in a file, or with an empty word the one that it begins with; nothing if it is not there.
std::optional<std::int64_t> number_in(const char* file, std::string_view word) {
  std::ifstream in(file);
  std::string read;
  while (read != word && in >> read) continue;
  std::int64_t value = 0;
  return in >> value ? std::optional(value) : std::nullopt;
}

}  // namespace

std::int64_t free_bytes(at::Device device) {
  if (!device.is_cpu()) return load_cuda_plugin().free_bytes(device.index());
  const auto available = number_in("/proc/meminfo", "MemAvailable:");  // KiB
  std::int64_t free = available ? *available * 1024 : 0;
  const auto limit = number_in("/sys/fs/cgroup/memory.max", ""), used = number_in("/sys/fs/cgroup/memory.current", "");
  // What the container's own file cache holds counts as used and is given back when it is wanted.
  const auto cache = number_in("/sys/fs/cgroup/memory.stat", "file");
  if (limit && used) free = std::min(free, std::max<std::int64_t>(1, *limit - *used + cache.value_or(0)));
  return free;
}

ProcessFlags::ProcessFlags(const Values& values)
    : threads_(at::get_num_threads()),
      tf32_matmul_(at::globalContext().allowTF32CuBLAS()),
      tf32_convolution_(at::globalContext().allowTF32CuDNN()) {
  if (values.threads > 0) at::set_num_threads(values.threads);
  at::globalContext().setAllowTF32CuBLAS(values.allow_tf32);
  at::globalContext().setAllowTF32CuDNN(values.allow_tf32);
}

ProcessFlags::~ProcessFlags() {
  at::set_num_threads(threads_);
  at::globalContext().setAllowTF32CuBLAS(tf32_matmul_);
  at::globalContext().setAllowTF32CuDNN(tf32_convolution_);
}

}  // namespace wan::runtime
