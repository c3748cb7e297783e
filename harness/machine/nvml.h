// NVIDIA's management library, opened at run time: what a GPU reports of itself while we measure. No driver, no library or no such function
// is an answer and never a crash. A device outlives neither the program nor the library, which it keeps open.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace wan::machine {

inline constexpr const char* kNvmlLibrary = "libnvidia-ml.so.1";

// A value, or one sentence why there is none.
template <typename T>
struct Reading {
  std::optional<T> value = {};
  std::string absent = {};
};

struct GpuProcess {
  std::int64_t pid = 0;  // of the host's namespace in some containers
  std::int64_t bytes = 0;
};

struct GpuMemory {
  std::int64_t total_bytes = 0, used_bytes = 0;
};

struct EccErrors {
  std::int64_t corrected = 0, uncorrected = 0;  // since the driver's start
};

class NvmlLibrary;

// Critical errors (Xid) of one GPU since it began to look.
class XidWatch {
 public:
  struct Handle;
  explicit XidWatch(std::unique_ptr<Handle> handle);
  ~XidWatch();
  XidWatch(const XidWatch&) = delete;  // the driver knows the event set by its handle
  XidWatch& operator=(const XidWatch&) = delete;
  // Those that came since the last call; does not wait.
  std::vector<std::int64_t> poll();

 private:
  std::unique_ptr<Handle> handle_;
};

class Gpu {
 public:
  Gpu(std::shared_ptr<const NvmlLibrary> library, void* device) : library_(std::move(library)), device_(device) {}

  Reading<std::string> name() const;
  Reading<std::string> uuid() const;
  Reading<double> sm_clock_hz() const;
  Reading<double> memory_clock_hz() const;
  Reading<double> max_sm_clock_hz() const;
  Reading<double> max_memory_clock_hz() const;
  Reading<double> power_w() const;
  Reading<double> power_limit_w() const;  // the one in force
  Reading<double> temperature_c() const;
  Reading<std::uint64_t> event_reasons() const;  // kReason... of covariates.h
  Reading<bool> ecc_enabled() const;
  Reading<EccErrors> ecc_errors() const;
  Reading<bool> mig_enabled() const;
  Reading<bool> persistent() const;
  Reading<GpuMemory> memory() const;
  Reading<std::vector<GpuProcess>> processes() const;  // that compute
  Reading<std::unique_ptr<XidWatch>> watch_xids() const;

 private:
  std::shared_ptr<const NvmlLibrary> library_;
  void* device_;
};

class Nvml {
 public:
  // Of a library that cannot be opened, is none or finds no driver `problem` tells in one sentence; every other call then says it again.
  static Nvml open(const std::string& library = kNvmlLibrary);

  const std::string& problem() const { return problem_; }  // empty: it works
  Reading<std::string> driver_version() const;
  Reading<std::string> cuda_version() const;  // the highest that the driver serves: "13.0"
  Reading<int> device_count() const;
  Reading<std::shared_ptr<const Gpu>> device(int index) const;
  Reading<std::shared_ptr<const Gpu>> device(const std::string& uuid) const;

 private:
  std::shared_ptr<const NvmlLibrary> library_ = {};
  std::string problem_ = {};
};

}  // namespace wan::machine
