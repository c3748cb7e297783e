// The contract of an optimisation: one file each in engine/optimizations, which defines `extern const Optimization <id>`. It fills seams;
// model code never asks which one is on.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/base/optimization_info.h"
#include "engine/seams.h"

namespace wan {

// Choices that are no seam: where things live, and process-wide flags that the generator sets and restores around each request.
struct Placement {
  bool text_encoder_on_cpu = false;
  bool unload_text_encoder = false;  // after encoding
  bool offload_experts = false;      // one expert on the device at a time, none while the VAE decodes
  std::int64_t block_slots = 0;      // > 0: transformer blocks are streamed from host memory through so many slots on the device
  bool allow_tf32 = false;
  std::int64_t vae_tile = 0;  // side of the VAE's tiles, latent positions; 0: the whole picture
  bool nan_guard = false;     // read one health flag a block after each step; redo the step with BF16 in blocks that overflowed
};

// What an optimisation may look at when it decides whether it can run, and what it may change.
struct ApplyContext {
  std::string device;  // cpu, cuda
  int blocks = 0;      // transformer blocks of one expert
  std::int64_t head_dim = 128;
  std::int64_t vae_tile_margin = 0;  // engine/vae/tiles.h
  Placement& placement;
  std::vector<std::string>&
      emulations;  // what this device does in other arithmetic than claimed, one sentence each: no speed may be claimed
};

struct Optimization {
  OptimizationInfo info;
  // An empty string, or one sentence on why it cannot run here; the runner then records a fallback (or fails under --strict).
  std::string (*unsupported)(const ApplyContext& context, const Parameters& parameters);
  void (*apply)(const Parameters& parameters, Seams& seams, ApplyContext& context);
};

namespace optimizations {
// Sorted by id; generated from engine/optimizations.
std::span<const Optimization* const> catalogue();
}  // namespace optimizations

}  // namespace wan
