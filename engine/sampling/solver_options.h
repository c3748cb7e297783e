// What a diffusers scheduler config may say beside its class and shift. The defaults are the official code's solvers, and the values that
// every published Wan checkpoint carries.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace wan::sampling {

struct SolverOptions {
  std::int64_t train_steps = 1000;                   // timestep = sigma * train_steps
  std::int64_t order = 2;                            // UniPC and DPM++: 1 to 3
  bool bh1 = false;                                  // UniPC: B(h) = h instead of e^h - 1
  bool heun = false;                                 // DPM++ of order 2: Heun's form instead of the midpoint's
  bool lower_order_final = true;                     // the last steps are of lower order
  bool euler_at_final = false;                       // DPM++: the last step is of order 1
  std::vector<std::int64_t> uncorrected_steps = {};  // UniPC: steps after which no corrector runs
  std::optional<double> shift_terminal = {};         // UniPC and Euler: the grid is stretched so that its last point lies here
  bool ends_at_zero = true;                          // else UniPC repeats its last sigma, DPM++ appends the next field
  double training_sigma_min = 0.0100013297;          // DPM++: sqrt((1 - a) / a) of the training schedule's first alpha-bar
  bool operator==(const SolverOptions&) const = default;
};

}  // namespace wan::sampling
