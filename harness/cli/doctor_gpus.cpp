#include <fmt/format.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "harness/cli/doctor.h"
#include "harness/machine/covariates.h"
#include "harness/machine/validity.h"

namespace wan::cli {
namespace {

using machine::Gpu;
using machine::Reading;

constexpr const char* kUnread = "what cannot be read cannot tell a disturbed block from a good one";

template <typename T>
Finding unread(const Reading<T>& reading) {
  return {.health = Health::warning, .detail = reading.absent, .advice = kUnread};
}

Finding identity(const Gpu& gpu) {
  const auto name = gpu.name(), uuid = gpu.uuid();
  Finding finding{.detail = fmt::format("{}, {}", name.value.value_or(name.absent), uuid.value.value_or(uuid.absent))};
  if (const auto memory = gpu.memory(); memory.value) {
    finding.detail += fmt::format(", {:.1f} of {:.1f} GiB in use", static_cast<double>(memory.value->used_bytes) / (1 << 30),
                                  static_cast<double>(memory.value->total_bytes) / (1 << 30));
    finding.figures = {{.name = "memory_total_bytes", .value = static_cast<double>(memory.value->total_bytes)},
                       {.name = "memory_used_bytes", .value = static_cast<double>(memory.value->used_bytes)}};
  }
  return finding;
}

// NVML tells no locked range; that a setting holds the clocks is one of the event reasons, seen only while the GPU would run faster.
Finding clocks(const Gpu& gpu) {
  const auto sm = gpu.sm_clock_hz(), most = gpu.max_sm_clock_hz(), memory = gpu.memory_clock_hz();
  const auto reasons = gpu.event_reasons();
  if (!sm.value) return unread(sm);
  Finding finding{.detail = fmt::format("SM {:.0f} MHz", 1e-6 * *sm.value)};
  const auto note = [&](const char* name, const Reading<double>& reading, const char* text, double scale) {
    if (!reading.value) return;
    finding.detail += fmt::format(fmt::runtime(text), scale * *reading.value);
    finding.figures.push_back({.name = name, .value = *reading.value});
  };
  finding.figures.push_back({.name = "sm_clock_hz", .value = *sm.value});
  note("max_sm_clock_hz", most, " of at most {:.0f}", 1e-6);
  note("memory_clock_hz", memory, ", memory {:.0f} MHz", 1e-6);
  note("power_w", gpu.power_w(), ", {:.0f} W", 1);
  note("power_limit_w", gpu.power_limit_w(), " of {:.0f}", 1);
  note("temperature_c", gpu.temperature_c(), ", {:.0f} °C", 1);
  if (!reasons.value) return finding;
  finding.figures.push_back({.name = "event_reasons", .value = static_cast<double>(*reasons.value)});
  const bool set = *reasons.value & machine::kReasonClocksSetting;
  finding.detail += set ? "; held by a setting (locked)" : "; not locked";
  if (const std::uint64_t bad = *reasons.value & machine::ValidityThresholds{}.voiding_event_reasons) {
    finding.health = Health::warning;
    finding.detail += fmt::format("; held back now: {}", machine::describe_event_reasons(bad));
    finding.advice = "blocks would be void: look after cooling and power supply";
  }
  return finding;
}

Finding ecc(const Gpu& gpu) {
  const auto enabled = gpu.ecc_enabled();
  if (!enabled.value) return {.detail = enabled.absent};  // consumer cards have none
  if (!*enabled.value)
    return {.health = Health::warning, .detail = "off", .advice = "memory errors go unseen: `nvidia-smi -e 1` and a restart switch it on"};
  const auto errors = gpu.ecc_errors();
  if (!errors.value) return unread(errors);
  Finding finding{.detail = fmt::format("on; {} corrected and {} other errors since the driver's start", errors.value->corrected,
                                        errors.value->uncorrected),
                  .figures = {{.name = "ecc_corrected", .value = static_cast<double>(errors.value->corrected)},
                              {.name = "ecc_uncorrected", .value = static_cast<double>(errors.value->uncorrected)}}};
  if (errors.value->uncorrected > 0) {
    finding.health = Health::warning;
    finding.advice = "this card's memory has failed: have it looked at before its results are believed";
  }
  return finding;
}

Finding mig(const Gpu& gpu) {
  const auto enabled = gpu.mig_enabled();
  if (!enabled.value) return unread(enabled);
  if (!*enabled.value) return {.detail = "off"};
  return {
      .health = Health::warning, .detail = "on", .advice = "slices share power and clocks with their neighbours: measure on a whole card"};
}

Finding persistence(const Gpu& gpu) {
  const auto on = gpu.persistent();
  if (!on.value) return {.detail = on.absent};
  if (*on.value) return {.detail = "on"};
  return {.health = Health::warning, .detail = "off", .advice = "the driver unloads between runs: `nvidia-smi -pm 1` keeps it"};
}

Finding others(const Gpu& gpu) {
  const auto processes = gpu.processes();
  if (!processes.value) return unread(processes);
  if (processes.value->empty()) return {.detail = "none computes on it"};
  std::vector<std::string> texts;
  for (const auto& process : *processes.value)
    texts.push_back(process.bytes > 0 ? fmt::format("{} ({:.1f} GiB)", process.pid, static_cast<double>(process.bytes) / (1 << 30))
                                      : fmt::format("{}", process.pid));
  return {.health = Health::warning,
          .detail = fmt::format("compute on it: {}", fmt::join(texts, ", ")),
          .advice = "blocks are void while others compute: stop them, or take another GPU",
          .figures = {{.name = "processes", .value = static_cast<double>(processes.value->size())}}};
}

struct GpuCheck {
  const char* name;
  Finding (*examine)(const Gpu&);
};
constexpr GpuCheck kGpuChecks[] = {{"GPU", identity}, {"clocks", clocks},           {"ECC", ecc},
                                   {"MIG", mig},      {"persistence", persistence}, {"processes", others}};

}  // namespace

std::vector<NamedFinding> examine_gpus(const machine::Nvml& nvml, bool wanted) {
  const auto count = nvml.device_count();
  const Health without = wanted ? Health::fault : Health::ok;
  const std::string advice = wanted ? "install the driver and check it with nvidia-smi, or use --device cpu" : "";
  if (!count.value) return {{.check = "driver", .finding = {.health = without, .detail = count.absent, .advice = advice}}};
  const auto driver = nvml.driver_version(), cuda = nvml.cuda_version();
  Finding first{.detail = fmt::format("{}, CUDA up to {}, {} GPUs", driver.value.value_or(driver.absent), cuda.value.value_or(cuda.absent),
                                      *count.value)};
  if (*count.value == 0) {
    first.health = without;
    first.advice = advice;
  }
  std::vector<NamedFinding> findings{{.check = "driver", .finding = first}};
  for (int i = 0; i < *count.value; ++i) {
    const auto gpu = nvml.device(i);
    if (!gpu.value) {
      findings.push_back(
          {.check = fmt::format("GPU {}", i), .finding = {.health = Health::warning, .detail = gpu.absent, .advice = kUnread}});
      continue;
    }
    for (const auto& check : kGpuChecks)
      findings.push_back({.check = fmt::format("{} {}", check.name, i), .finding = check.examine(**gpu.value)});
  }
  return findings;
}

}  // namespace wan::cli
