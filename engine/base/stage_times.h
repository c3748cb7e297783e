// Times of one generation, seconds: NVTX stages by the host's clock, denoising steps by events of the device.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/either.h"

namespace wan {

struct StageTime {
  std::string name;  // text_encoding, diffusion_loop, vae_decode
  double elapsed_s = 0;
};

struct StageTimes {
  std::vector<StageTime> stages = {};
  std::vector<double> step_s = {};                // one entry a denoising step, inside diffusion_loop
  std::int64_t high_noise_steps = 0;              // the first ones, by the high-noise expert; all of them where there is no other
  double total_s = 0;                             // request in, clip out
  double stage_s(const std::string& name) const;  // 0 if the stage is absent
};

// Every field by its key, for whoever writes them down or reads them back.
void visit_fields(Either<StageTime> auto& value, auto&& visit) {
  auto& [name, elapsed_s] = value;
  visit("name", name);
  visit("elapsed_s", elapsed_s);
}

void visit_fields(Either<StageTimes> auto& value, auto&& visit) {
  auto& [stages, step_s, high_noise_steps, total_s] = value;
  visit("stages", stages);
  visit("step_s", step_s);
  visit("high_noise_steps", high_noise_steps);
  visit("total_s", total_s);
}

}  // namespace wan
