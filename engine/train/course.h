// What every training has around its steps: the learning rate's course, the clock, the curves and the state on disk.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/train/state_file.h"
#include "engine/train/training.h"

namespace wan::train {

struct CourseOptions {
  std::filesystem::path folder;  // <name>.state.safetensors, <name>.csv, <name>.svg
  std::string name;              // vae, dit
  std::string settings;          // all that decides the result, in words
  std::int64_t steps = 0;        // of the whole training
  double learning_rate = 0;      // its largest
  std::int64_t warmup = 200;     // steps of a linear rise, a tenth of all at most; over all half a cosine down to a fiftieth
  double minutes = 0;            // of this part; 0: to the end
  std::int64_t log_every = 50;
  double product_rate = 0;        // of the device, floating-point operations a second (flops.h)
  std::function<double()> flops;  // of the last step; with the rate the floor under its time
};

class Course {
 public:
  Course(CourseOptions options, Watch watch);

  // The state of an earlier part, if there is one. Throws UsageError if it is of other settings.
  std::optional<TrainingState> earlier() const;

  // Calls `step(step, rate)` until all are done or the time is over, and `figures()` whenever it logs (only then is the device waited for).
  // Writes curves as it goes, the state at the end and every five minutes. True: all steps are done.
  bool run(std::int64_t first, const std::function<void(std::int64_t step, double learning_rate)>& step,
           const std::function<Figures()>& figures, const std::function<std::map<std::string, TensorMap>()>& state);

  double learning_rate(std::int64_t step) const;
  std::filesystem::path file(const char* ending) const;

 private:
  CourseOptions options_;
  Watch watch_;
};

}  // namespace wan::train
