#include "harness/machine/nvml.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/machine/nvml_api.h"

namespace wan::machine {

using nvml::Functions;
using nvml::Status;

// The opened library, shut down and closed by the last who holds it.
class NvmlLibrary {
 public:
  explicit NvmlLibrary(void* handle) : handle_(handle) {
    find(functions.init, "nvmlInit_v2");
    find(functions.shutdown, "nvmlShutdown");
    find(functions.device_count, "nvmlDeviceGetCount_v2");
    find(functions.device_by_index, "nvmlDeviceGetHandleByIndex_v2");
    find(functions.error_text, "nvmlErrorString");
    find(functions.driver_version, "nvmlSystemGetDriverVersion");
    find(functions.cuda_version, "nvmlSystemGetCudaDriverVersion_v2");
    find(functions.device_by_uuid, "nvmlDeviceGetHandleByUUID");
    find(functions.name, "nvmlDeviceGetName");
    find(functions.uuid, "nvmlDeviceGetUUID");
    find(functions.clock, "nvmlDeviceGetClockInfo");
    find(functions.max_clock, "nvmlDeviceGetMaxClockInfo");
    find(functions.power, "nvmlDeviceGetPowerUsage");
    find(functions.power_limit, "nvmlDeviceGetEnforcedPowerLimit");
    find(functions.temperature, "nvmlDeviceGetTemperature");
    find(functions.event_reasons, "nvmlDeviceGetCurrentClocksEventReasons");
    find(functions.event_reasons, "nvmlDeviceGetCurrentClocksThrottleReasons");  // its name before driver 535
    find(functions.ecc_mode, "nvmlDeviceGetEccMode");
    find(functions.ecc_errors, "nvmlDeviceGetTotalEccErrors");
    find(functions.processes, "nvmlDeviceGetComputeRunningProcesses_v3");
    find(functions.memory, "nvmlDeviceGetMemoryInfo");
    find(functions.mig_mode, "nvmlDeviceGetMigMode");
    find(functions.persistence, "nvmlDeviceGetPersistenceMode");
    find(functions.event_set_create, "nvmlEventSetCreate");
    find(functions.event_set_free, "nvmlEventSetFree");
    find(functions.register_events, "nvmlDeviceRegisterEvents");
    find(functions.event_wait, "nvmlEventSetWait_v2");
  }
  ~NvmlLibrary() {
    if (initialized_) functions.shutdown();
    ::dlclose(handle_);
  }
  NvmlLibrary(const NvmlLibrary&) = delete;  // the handle is closed once
  NvmlLibrary& operator=(const NvmlLibrary&) = delete;

  bool complete() const { return functions.init && functions.shutdown && functions.device_count && functions.device_by_index; }

  Status init() {
    const Status status = functions.init();
    initialized_ = status == nvml::kSuccess;
    return status;
  }

  std::string text_of(Status status) const {
    const char* text = functions.error_text ? functions.error_text(status) : nullptr;
    return text ? fmt::format("{} (NVML error {})", text, status) : fmt::format("NVML error {}", status);
  }

  Functions functions = {};

 private:
  template <typename Function>
  void find(Function*& function, const char* name) {
    if (!function) function = reinterpret_cast<Function*>(::dlsym(handle_, name));
  }
  void* handle_;
  bool initialized_ = false;
};

namespace {

std::string no_function(const char* what) { return fmt::format("{}: this driver has no such function", what); }

// Calls `function(arguments..., &raw)` and makes a value of what it filled in.
template <typename Raw, typename Convert, typename Function, typename... Arguments>
auto read(const NvmlLibrary& library, const char* what, Convert convert, Function* function, Arguments... arguments)
    -> Reading<decltype(convert(Raw{}))> {
  if (!function) return {.absent = no_function(what)};
  Raw raw{};
  const Status status = function(arguments..., &raw);
  if (status != nvml::kSuccess) return {.absent = fmt::format("{}: {}", what, library.text_of(status))};
  return {.value = convert(raw)};
}

template <typename Function, typename... Arguments>
Reading<std::string> read_text(const NvmlLibrary& library, const char* what, Function* function, Arguments... arguments) {
  if (!function) return {.absent = no_function(what)};
  std::array<char, nvml::kTextLength + 1> text{};  // one more zero than the library knows of
  const Status status = function(arguments..., text.data(), nvml::kTextLength);
  if (status != nvml::kSuccess) return {.absent = fmt::format("{}: {}", what, library.text_of(status))};
  return {.value = std::string(text.data())};
}

double from_mega(unsigned mhz) { return 1e6 * mhz; }
double from_milli(unsigned milliwatt) { return 1e-3 * milliwatt; }
bool is_on(int mode) { return mode != 0; }

nvml::Device handle_of(void* device) { return static_cast<nvml::Device>(device); }

}  // namespace

struct XidWatch::Handle {
  std::shared_ptr<const NvmlLibrary> library;
  nvml::EventSet set = nullptr;
};

XidWatch::XidWatch(std::unique_ptr<Handle> handle) : handle_(std::move(handle)) {}
XidWatch::~XidWatch() { handle_->library->functions.event_set_free(handle_->set); }

std::vector<std::int64_t> XidWatch::poll() {
  constexpr std::size_t kMost = 64;  // in one call: a broken card repeats itself
  std::vector<std::int64_t> xids;
  nvml::Event event{};
  while (xids.size() < kMost && handle_->library->functions.event_wait(handle_->set, &event, 0) == nvml::kSuccess)
    if (event.type == nvml::kEventXid) xids.push_back(static_cast<std::int64_t>(event.data));
  return xids;
}

Reading<std::string> Gpu::name() const { return read_text(*library_, "name", library_->functions.name, handle_of(device_)); }
Reading<std::string> Gpu::uuid() const { return read_text(*library_, "UUID", library_->functions.uuid, handle_of(device_)); }

Reading<double> Gpu::sm_clock_hz() const {
  return read<unsigned>(*library_, "SM clock", from_mega, library_->functions.clock, handle_of(device_), nvml::clock_sm);
}
Reading<double> Gpu::memory_clock_hz() const {
  return read<unsigned>(*library_, "memory clock", from_mega, library_->functions.clock, handle_of(device_), nvml::clock_memory);
}
Reading<double> Gpu::max_sm_clock_hz() const {
  return read<unsigned>(*library_, "maximum SM clock", from_mega, library_->functions.max_clock, handle_of(device_), nvml::clock_sm);
}
Reading<double> Gpu::max_memory_clock_hz() const {
  return read<unsigned>(*library_, "maximum memory clock", from_mega, library_->functions.max_clock, handle_of(device_),
                        nvml::clock_memory);
}
Reading<double> Gpu::power_w() const {
  return read<unsigned>(*library_, "power", from_milli, library_->functions.power, handle_of(device_));
}
Reading<double> Gpu::power_limit_w() const {
  return read<unsigned>(*library_, "power limit", from_milli, library_->functions.power_limit, handle_of(device_));
}
Reading<double> Gpu::temperature_c() const {
  return read<unsigned>(
      *library_, "temperature", [](unsigned celsius) { return static_cast<double>(celsius); }, library_->functions.temperature,
      handle_of(device_), nvml::kSensorOfGpu);
}
Reading<std::uint64_t> Gpu::event_reasons() const {
  return read<unsigned long long>(
      *library_, "clocks event reasons", [](unsigned long long bits) { return std::uint64_t{bits}; }, library_->functions.event_reasons,
      handle_of(device_));
}
Reading<bool> Gpu::persistent() const {
  return read<int>(*library_, "persistence mode", is_on, library_->functions.persistence, handle_of(device_));
}

Reading<bool> Gpu::ecc_enabled() const {
  const auto mode = library_->functions.ecc_mode;
  if (!mode) return {.absent = no_function("ECC mode")};
  int now = 0, after_reboot = 0;
  const Status status = mode(handle_of(device_), &now, &after_reboot);
  if (status != nvml::kSuccess) return {.absent = fmt::format("ECC mode: {}", library_->text_of(status))};
  return {.value = is_on(now)};
}

Reading<bool> Gpu::mig_enabled() const {
  const auto mode = library_->functions.mig_mode;
  if (!mode) return {.absent = no_function("MIG mode")};
  unsigned now = 0, after_reset = 0;
  const Status status = mode(handle_of(device_), &now, &after_reset);
  if (status == nvml::kNotSupported) return {.value = false};  // a GPU that cannot be cut is not cut
  if (status != nvml::kSuccess) return {.absent = fmt::format("MIG mode: {}", library_->text_of(status))};
  return {.value = now != 0};
}

Reading<EccErrors> Gpu::ecc_errors() const {
  const auto same = [](unsigned long long count) { return static_cast<std::int64_t>(count); };
  const auto count = [&](int kind) {
    return read<unsigned long long>(*library_, "ECC errors", same, library_->functions.ecc_errors, handle_of(device_), kind,
                                    nvml::kSinceBoot);
  };
  const auto corrected = count(nvml::ecc_corrected), uncorrected = count(nvml::ecc_uncorrected);
  if (!corrected.value) return {.absent = corrected.absent};
  if (!uncorrected.value) return {.absent = uncorrected.absent};
  return {.value = EccErrors{.corrected = *corrected.value, .uncorrected = *uncorrected.value}};
}

Reading<GpuMemory> Gpu::memory() const {
  const auto convert = [](const nvml::Memory& memory) {
    return GpuMemory{.total_bytes = static_cast<std::int64_t>(memory.total), .used_bytes = static_cast<std::int64_t>(memory.used)};
  };
  return read<nvml::Memory>(*library_, "memory", convert, library_->functions.memory, handle_of(device_));
}

Reading<std::vector<GpuProcess>> Gpu::processes() const {
  const auto list = library_->functions.processes;
  if (!list) return {.absent = no_function("processes")};
  std::vector<nvml::Process> found(64);
  Status status = nvml::kInsufficientSize;
  unsigned count = 0;
  for (int attempt = 0; attempt < 4 && status == nvml::kInsufficientSize; ++attempt) {  // more may start between two calls
    found.resize(std::max<std::size_t>(found.size(), 2 * std::size_t{count}));
    count = static_cast<unsigned>(found.size());
    status = list(handle_of(device_), &count, found.data());
  }
  if (status != nvml::kSuccess) return {.absent = fmt::format("processes: {}", library_->text_of(status))};
  std::vector<GpuProcess> processes;
  for (std::size_t i = 0; i < std::min<std::size_t>(count, found.size()); ++i)
    processes.push_back({.pid = found[i].pid, .bytes = static_cast<std::int64_t>(found[i].used_bytes)});
  return {.value = std::move(processes)};
}

Reading<std::unique_ptr<XidWatch>> Gpu::watch_xids() const {
  const Functions& functions = library_->functions;
  if (!functions.event_set_create || !functions.event_set_free || !functions.register_events || !functions.event_wait)
    return {.absent = no_function("Xid events")};
  nvml::EventSet set = nullptr;
  Status status = functions.event_set_create(&set);
  if (status != nvml::kSuccess) return {.absent = fmt::format("Xid events: {}", library_->text_of(status))};
  auto watch = std::make_unique<XidWatch>(std::unique_ptr<XidWatch::Handle>(new XidWatch::Handle{.library = library_, .set = set}));
  status = functions.register_events(handle_of(device_), nvml::kEventXid, set);
  if (status != nvml::kSuccess) return {.absent = fmt::format("Xid events: {}", library_->text_of(status))};
  return {.value = std::move(watch)};
}

Nvml Nvml::open(const std::string& library) {
  Nvml nvml;
  void* handle = ::dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    nvml.problem_ = fmt::format("no NVIDIA driver here: {} cannot be opened", library);
    return nvml;
  }
  auto opened = std::make_shared<NvmlLibrary>(handle);
  if (!opened->complete()) {
    nvml.problem_ = fmt::format("{} lacks functions of NVML: it is too old, or another library", library);
    return nvml;
  }
  const Status status = opened->init();
  if (status != nvml::kSuccess)
    nvml.problem_ = fmt::format("the NVIDIA driver does not answer: {}", opened->text_of(status));
  else
    nvml.library_ = std::move(opened);
  return nvml;
}

Reading<std::string> Nvml::driver_version() const {
  if (!library_) return {.absent = problem_};
  return read_text(*library_, "driver version", library_->functions.driver_version);
}

Reading<std::string> Nvml::cuda_version() const {
  if (!library_) return {.absent = problem_};
  const auto convert = [](int version) { return fmt::format("{}.{}", version / 1000, version % 1000 / 10); };
  return read<int>(*library_, "CUDA version", convert, library_->functions.cuda_version);
}

Reading<int> Nvml::device_count() const {
  if (!library_) return {.absent = problem_};
  return read<unsigned>(
      *library_, "number of GPUs", [](unsigned count) { return static_cast<int>(count); }, library_->functions.device_count);
}

Reading<std::shared_ptr<const Gpu>> Nvml::device(int index) const {
  if (!library_) return {.absent = problem_};
  const auto convert = [&](nvml::Device device) -> std::shared_ptr<const Gpu> { return std::make_shared<Gpu>(library_, device); };
  return read<nvml::Device>(*library_, fmt::format("GPU {}", index).c_str(), convert, library_->functions.device_by_index,
                            static_cast<unsigned>(index));
}

Reading<std::shared_ptr<const Gpu>> Nvml::device(const std::string& uuid) const {
  if (!library_) return {.absent = problem_};
  const auto convert = [&](nvml::Device device) -> std::shared_ptr<const Gpu> { return std::make_shared<Gpu>(library_, device); };
  return read<nvml::Device>(*library_, fmt::format("GPU {}", uuid).c_str(), convert, library_->functions.device_by_uuid, uuid.c_str());
}

}  // namespace wan::machine
