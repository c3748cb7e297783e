// What a trained model has learned, measured on clips and captions that its training never saw.
#pragma once

#include <cstdint>
#include <string>

#include "engine/train/training.h"
#include "engine/train/world/scene.h"

namespace wan::cli {

struct CheckOptions {
  std::string model = "wan-tiny";  // a folder, or the embedded model
  std::string device = "cpu";
  std::int64_t clips = 64;
  world::Split split = world::Split::validation;  // of captions
  std::int64_t steps = 20;
  double guidance_low = 3.0, guidance_high = 4.0;
  int threads = 0;         // 0: LibTorch's default
  std::string sheet = {};  // a picture of the first clips; empty: none
  bool failures = false;   // name the clips that miss a core claim, and put those alone on the sheet
};

// Rebuilds held-out clips with the model's VAE in float32 and prints mean PSNR and LPIPS. Throws UsageError if a metric cannot be computed.
void check_vae(const CheckOptions& options);

// Generates a clip for each of as many held-out captions, seed by seed, and prints the share that shows what it says, claim by claim.
void check_prompts(const CheckOptions& options);

}  // namespace wan::cli
