// Host times of one generation by NVTX stage, seconds.
#pragma once

#include <string>
#include <vector>

namespace wan {

struct StageTime {
  std::string name;  // text_encoding, diffusion_loop, vae_decode
  double elapsed_s = 0;
};

struct StageTimes {
  std::vector<StageTime> stages = {};
  std::vector<double> step_s = {};                // one entry a denoising step, inside diffusion_loop
  double total_s = 0;                             // request in, clip out
  double stage_s(const std::string& name) const;  // 0 if the stage is absent
};

}  // namespace wan
