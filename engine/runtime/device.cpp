#include "engine/runtime/device.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <malloc.h>

#include <charconv>
#include <climits>
#include <fstream>
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
  if (!device.is_cpu()) return load_cuda_plugin().reset_peak_bytes(device.index());
  std::ofstream("/proc/self/clear_refs")
      << "5";  // proc(5): resets the peak resident set; where it may not, the peak is that of the process
}

std::int64_t peak_bytes(at::Device device) {
  if (!device.is_cpu()) return load_cuda_plugin().peak_bytes(device.index());
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (std::int64_t kibibytes = 0; word == "VmHWM:" && status >> kibibytes) return kibibytes * 1024;
  return 0;
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
