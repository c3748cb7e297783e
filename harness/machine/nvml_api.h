// Our own prototypes of the few functions of libnvidia-ml.so.1 that we call, after NVIDIA's public NVML reference: its header is not among
// those of the CUDA toolkit that we build with, and the library comes with the driver.
#pragma once

namespace wan::machine::nvml {

using Status = int;
inline constexpr Status kSuccess = 0, kUninitialized = 1, kInvalidArgument = 2, kNotSupported = 3, kNoPermission = 4, kNotFound = 6,
                        kInsufficientSize = 7, kDriverNotLoaded = 9, kTimeout = 10, kGpuIsLost = 15, kVersionMismatch = 18, kUnknown = 999;

using Device = struct DeviceTag*;
using EventSet = struct EventSetTag*;

inline constexpr unsigned kTextLength = 96;  // the longest of name, UUID and version, with the zero at the end

enum Clock : int { clock_graphics = 0, clock_sm = 1, clock_memory = 2 };
enum Ecc : int { ecc_corrected = 0, ecc_uncorrected = 1 };
inline constexpr int kSinceBoot = 0;  // the volatile counters: they count from the driver's start
inline constexpr int kSensorOfGpu = 0;
inline constexpr unsigned long long kEventXid = 0x8;

struct Memory {
  unsigned long long total, free, used;  // bytes
};
struct Process {
  unsigned pid;
  unsigned long long used_bytes;
  unsigned gpu_instance, compute_instance;
};
struct Event {
  Device device;
  unsigned long long type, data;
  unsigned gpu_instance, compute_instance;
};

// Null where the library lacks the function; only the first group must be there.
struct Functions {
  Status (*init)() = nullptr;
  Status (*shutdown)() = nullptr;
  Status (*device_count)(unsigned* count) = nullptr;
  Status (*device_by_index)(unsigned index, Device* device) = nullptr;

  const char* (*error_text)(Status status) = nullptr;
  Status (*driver_version)(char* text, unsigned length) = nullptr;
  Status (*cuda_version)(int* version) = nullptr;  // 13000 is 13.0
  Status (*device_by_uuid)(const char* uuid, Device* device) = nullptr;
  Status (*name)(Device, char* text, unsigned length) = nullptr;
  Status (*uuid)(Device, char* text, unsigned length) = nullptr;
  Status (*clock)(Device, int clock, unsigned* mhz) = nullptr;
  Status (*max_clock)(Device, int clock, unsigned* mhz) = nullptr;
  Status (*power)(Device, unsigned* milliwatt) = nullptr;
  Status (*power_limit)(Device, unsigned* milliwatt) = nullptr;
  Status (*temperature)(Device, int sensor, unsigned* celsius) = nullptr;
  Status (*event_reasons)(Device, unsigned long long* bits) = nullptr;
  Status (*ecc_mode)(Device, int* now, int* after_reboot) = nullptr;
  Status (*ecc_errors)(Device, int kind, int counter, unsigned long long* count) = nullptr;
  Status (*processes)(Device, unsigned* count, Process* processes) = nullptr;
  Status (*memory)(Device, Memory* memory) = nullptr;
  Status (*mig_mode)(Device, unsigned* now, unsigned* after_reset) = nullptr;
  Status (*persistence)(Device, int* on) = nullptr;
  Status (*event_set_create)(EventSet* set) = nullptr;
  Status (*event_set_free)(EventSet set) = nullptr;
  Status (*register_events)(Device, unsigned long long types, EventSet set) = nullptr;
  Status (*event_wait)(EventSet set, Event* event, unsigned timeout_ms) = nullptr;
};

}  // namespace wan::machine::nvml
