// The modules of a VAE half in order, with their names and widths: the one source from which both the tensor table and the modules are
// made. "ours" is the official repository's name, which our weights carry; "diffusers" is the name in checkpoints.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace wan::vae {

struct VaeConfig;

struct ModuleName {
  std::string ours;
  std::string diffusers;
};

struct ResidualLayout {
  ModuleName name;
  std::int64_t in = 0;
  std::int64_t out = 0;
};

// Doubles or halves height and width and, if temporal, the frame count.
struct ResampleLayout {
  ModuleName name;
  std::int64_t in = 0;
  std::int64_t out = 0;
  bool temporal = false;
};

struct StageLayout {
  std::int64_t in = 0;
  std::int64_t out = 0;  // after the resampling
  std::vector<ResidualLayout> residuals = {};
  std::optional<ResampleLayout> resample = {};  // absent in the stage of the lowest (encoder) or full (decoder) resolution
  bool shortcut = false;                        // a parameter-free path around the whole stage
};

struct HalfLayout {
  std::string name;         // encoder, decoder
  std::int64_t in = 0;      // channels of the input
  std::int64_t first = 0;   // after the first convolution
  std::int64_t middle = 0;  // of the middle block
  std::int64_t last = 0;    // before the last convolution
  std::int64_t out = 0;
  std::vector<StageLayout> stages = {};

  ResidualLayout middle_residual(int index) const;  // 0: before the attention, 1: after it
  ModuleName middle_attention() const;
};

HalfLayout encoder_layout(const VaeConfig& config);
HalfLayout decoder_layout(const VaeConfig& config);

}  // namespace wan::vae
