// What the trainings share: the folder that they fill, precision and random numbers.
#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "engine/pipeline_config.h"
#include "engine/train/training.h"

namespace wan::train {

std::filesystem::path model_folder(const TrainingOptions& options);

// What the folder describes, made by `prepare_model`. Throws UsageError for a folder without a model, and for clips that it cannot take.
PipelineConfig read_training_config(const TrainingOptions& options);
at::ScalarType scalar_type_of(const TrainingOptions& options);  // throws UsageError for another word

// Opens the device and makes this thread's work on it fit to be recorded (runtime/repeated.h).
at::Device open_training_device(const TrainingOptions& options);

// The moving average's decay at a step: short at first, so that it soon forgets the beginning.
double moving_average(double decay, std::int64_t step);

// The device's generator, set so that a step's numbers depend on nothing but the seed and the step.
at::Generator seeded(at::Device device, std::uint64_t seed, std::int64_t step);

}  // namespace wan::train
