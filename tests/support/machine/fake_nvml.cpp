#include "tests/support/machine/fake_nvml.h"

#include <cstdio>
#include <cstring>

#include "harness/machine/nvml_api.h"

using namespace wan::machine::nvml;

namespace {

wan::testing::FakeNvml state;

char device_memory[3];  // handles are addresses in it: two devices and the event set

constexpr const char* kUuids[] = {"GPU-00000000-aaaa", "GPU-11111111-bbbb"};

Status put(char* text, unsigned length, const char* value) {
  if (std::strlen(value) + 1 > length) return kInsufficientSize;
  std::strcpy(text, value);
  return kSuccess;
}

template <typename T>
Status answer(T* place, T value) {
  if (state.status == kSuccess) *place = value;
  return state.status;
}

std::size_t index_of(Device device) { return static_cast<std::size_t>(reinterpret_cast<char*>(device) - device_memory); }

}  // namespace

extern "C" {

wan::testing::FakeNvml* fake_nvml_state() { return &state; }

Status nvmlInit_v2() {
  if (state.init_status == kSuccess) ++state.initialized;
  return state.init_status;
}
Status nvmlShutdown() {
  --state.initialized;
  return kSuccess;
}
const char* nvmlErrorString(Status status) {
  return status == kDriverNotLoaded ? "Driver Not Loaded" : status == kGpuIsLost ? "GPU is lost" : nullptr;
}
Status nvmlDeviceGetCount_v2(unsigned* count) {
  *count = state.devices;
  return kSuccess;
}
Status nvmlDeviceGetHandleByIndex_v2(unsigned index, Device* device) {
  if (index >= state.devices) return kInvalidArgument;
  *device = reinterpret_cast<Device>(device_memory + index);
  return kSuccess;
}
Status nvmlDeviceGetHandleByUUID(const char* uuid, Device* device) {
  for (unsigned i = 0; i < state.devices; ++i)
    if (std::strcmp(uuid, kUuids[i]) == 0) return nvmlDeviceGetHandleByIndex_v2(i, device);
  return kNotFound;
}
Status nvmlSystemGetDriverVersion(char* text, unsigned length) { return put(text, length, "580.95.05"); }
Status nvmlDeviceGetName(Device, char* text, unsigned length) { return put(text, length, "NVIDIA Fake 100"); }
Status nvmlDeviceGetUUID(Device device, char* text, unsigned length) { return put(text, length, kUuids[index_of(device)]); }
Status nvmlDeviceGetClockInfo(Device, int clock, unsigned* mhz) {
  if (clock != clock_sm) return answer(mhz, 2619u);
  return answer(mhz, state.sm_mhz - 100 + 100 * static_cast<unsigned>(state.clock_calls++ % 3));
}
Status nvmlDeviceGetMaxClockInfo(Device, int clock, unsigned* mhz) { return answer(mhz, clock == clock_sm ? 1980u : 2619u); }
Status nvmlDeviceGetPowerUsage(Device, unsigned* milliwatt) { return answer(milliwatt, state.milliwatt); }
Status nvmlDeviceGetTemperature(Device, int, unsigned* celsius) { return answer(celsius, state.celsius); }
Status nvmlDeviceGetTotalEccErrors(Device, int kind, int, unsigned long long* count) {
  return answer(count, kind == ecc_corrected ? state.corrected.load() : state.uncorrected.load());
}
Status nvmlDeviceGetCurrentClocksThrottleReasons(Device, unsigned long long* bits) { return answer(bits, state.reasons.load()); }

#ifndef FAKE_NVML_OLD
Status nvmlSystemGetCudaDriverVersion_v2(int* version) {
  *version = 13000;
  return kSuccess;
}
Status nvmlDeviceGetCurrentClocksEventReasons(Device, unsigned long long* bits) { return answer(bits, state.reasons.load()); }
Status nvmlDeviceGetEnforcedPowerLimit(Device, unsigned* milliwatt) { return answer(milliwatt, 700000u); }
Status nvmlDeviceGetEccMode(Device, int* now, int* later) {
  *later = 1;
  return answer(now, state.ecc_mode);
}
Status nvmlDeviceGetComputeRunningProcesses_v3(Device, unsigned* count, Process* processes) {
  if (state.status != kSuccess) return state.status;
  const unsigned room = *count;
  *count = state.processes;
  if (room < *count) return kInsufficientSize;
  for (unsigned i = 0; i < *count; ++i)
    processes[i] = {.pid = state.first_pid + i, .used_bytes = 1ull << 30, .gpu_instance = ~0u, .compute_instance = ~0u};
  if (*count > 0 && state.own_pid != 0) processes[0].pid = state.own_pid;
  return kSuccess;
}
Status nvmlDeviceGetMemoryInfo(Device, Memory* memory) {
  return answer(memory, Memory{.total = 80ull << 30, .free = 79ull << 30, .used = 1ull << 30});
}
Status nvmlDeviceGetMigMode(Device, unsigned* now, unsigned* later) {
  *later = state.mig;
  return answer(now, state.mig);
}
Status nvmlDeviceGetPersistenceMode(Device, int* on) { return answer(on, state.persistence); }
Status nvmlEventSetCreate(EventSet* set) {
  ++state.event_sets;
  *set = reinterpret_cast<EventSet>(device_memory + 2);
  return kSuccess;
}
Status nvmlEventSetFree(EventSet) {
  --state.event_sets;
  return kSuccess;
}
Status nvmlDeviceRegisterEvents(Device, unsigned long long types, EventSet) {
  return types == kEventXid ? state.status.load() : kInvalidArgument;
}
Status nvmlEventSetWait_v2(EventSet, Event* event, unsigned) {
  if (state.xids_waiting <= 0) return kTimeout;
  --state.xids_waiting;
  *event = {.device = nullptr, .type = kEventXid, .data = 79, .gpu_instance = 0, .compute_instance = 0};
  return kSuccess;
}
#endif

}  // extern "C"
