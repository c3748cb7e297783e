// What every training has around its steps: the learning rate's course, the clock, the curves and the state on disk.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "engine/train/state_file.h"
#include "engine/train/training.h"

namespace wan::train {

struct CourseOptions {
  std::filesystem::path folder = {};  // <name>.state.safetensors, <name>.csv, <name>.svg
  std::string name = {};              // vae, dit
  std::string settings = {};          // all that decides the result, in words
  std::int64_t steps = 0;             // of the whole training
  double learning_rate = 0;           // its largest
  std::int64_t warmup = 200;          // steps of a linear rise, a tenth of all at most; over all half a cosine down to a fiftieth
  double minutes = 0;                 // of this part; 0: to the end
  std::int64_t log_every = 50;
};

// What is trained.
class Trainer {
 public:
  virtual ~Trainer() = default;
  virtual std::map<std::string, TensorMap> state() const = 0;
  virtual void restore(const TrainingState& state, const std::string& place) = 0;  // throws UsageError, beginning with `place`
  virtual void begin(std::int64_t step) = 0;                                       // before the first step of a part
  virtual void step(std::int64_t step, double learning_rate) = 0;                  // waits for nothing
  virtual Figures figures() = 0;                                                   // of the last step
  virtual double flops() const = 0;                                                // of a step (flops.h)
  virtual double product_rate() const = 0;                                         // of the device (flops.h)
};

double learning_rate(const CourseOptions& options, std::int64_t step);

// From the state of an earlier part, if there is one, until all steps are done, the time is over or `watch` says so. Writes curves and
// state at the end, the state every five minutes too. True: all steps are done. Throws UsageError for a state of other settings.
bool run_course(const CourseOptions& options, Trainer& trainer, const Watch& watch);

}  // namespace wan::train
