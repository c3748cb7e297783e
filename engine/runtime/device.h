// Devices by name. A CUDA device needs the plug-in libwan_cuda.so, which is opened here, before the first ATen call that would want it.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

namespace wan::runtime {

// Tells the host's allocator to keep what tensors free, for the process. Called once when an engine is made.
void keep_freed_memory();

// "cpu", "cuda" or "cuda:<index>". Throws UsageError in one sentence: unknown word, no plug-in, no driver, no such device.
at::Device open_device(const std::string& name);

// Waits until the device has done what was asked of it; nothing on the CPU. Only for taking times.
void synchronize(at::Device device);

// Peak of the device's allocator since the last reset. (On the host tensors are counted by memory_meter.h.)
void reset_peak_bytes(at::Device device);
std::int64_t peak_bytes(at::Device device);

// What may still be allocated: on a device free memory; on the host what the system says is available, within the container's limit. 0: not
// known.
std::int64_t free_bytes(at::Device device);

// Process-wide settings of LibTorch for the length of a scope; the old ones come back.
class ProcessFlags {
 public:
  struct Values {
    int threads = 0;  // 0: as it is
    bool allow_tf32 = false;
  };
  explicit ProcessFlags(const Values& values);
  ~ProcessFlags();
  ProcessFlags(const ProcessFlags&) = delete;  // restores once
  ProcessFlags& operator=(const ProcessFlags&) = delete;

 private:
  int threads_;
  bool tf32_matmul_, tf32_convolution_;
};

}  // namespace wan::runtime
