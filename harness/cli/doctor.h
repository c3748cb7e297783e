// What `wan-eval doctor` finds, as plain values and as text or JSON, and those of its checks that look at the machine.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "harness/machine/noise.h"
#include "harness/machine/nvml.h"
#include "harness/machine/proc.h"

namespace wan::cli {

enum class Health { ok, warning, fault };

// SI units, the unit in the name.
struct Figure {
  std::string name;
  double value = 0;
};

struct Finding {
  Health health = Health::ok;
  std::string detail;
  std::string advice = {};  // one sentence; empty if all is well
  std::vector<Figure> figures = {};
};

struct NamedFinding {
  std::string check;
  Finding finding;
};

// One line, and one more with the advice.
std::string to_text(const NamedFinding& finding);
// One object: {"schema": 1, "sound": ..., "findings": [...]}, ends with a newline.
std::string to_json(std::span<const NamedFinding> findings);
// Without a fault; warnings are sound.
bool is_sound(std::span<const NamedFinding> findings);

// Driver first, then clocks, ECC, MIG, persistence and other processes of every GPU. Without a driver only that, a fault if a GPU is
// wanted.
std::vector<NamedFinding> examine_gpus(const machine::Nvml& nvml, bool wanted);
// Who may read the counters of the CPU, and of GPUs where there is a driver.
Finding examine_counters(const machine::Proc& proc);
Finding judge_noise(const machine::NoiseScore& score, double materiality);
Finding describe_ceilings(double host_copy_bytes_per_s, int threads);

}  // namespace wan::cli
