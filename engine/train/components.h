// From moving averages to the files of the model's folder.
#pragma once

#include <map>
#include <string>

#include "engine/checkpoint/weights.h"
#include "engine/pipeline_config.h"
#include "engine/train/training.h"
#include "engine/vae/config.h"
#include "engine/vae/vae.h"

namespace wan::train {

// The VAE with latents as its encoder makes them, which is how it is trained.
vae::VaeConfig unscaled(vae::VaeConfig config);

vae::Vae load_vae(const PipelineConfig& config, at::Device device, at::ScalarType dtype);

// Weights, and a config with the latents' mean and deviation over clips of the train split, measured where the weights are.
void write_vae(const checkpoint::Weights& average, const TrainingOptions& options);

// "text_encoder", "transformer" and, with two experts, "transformer_2".
void write_dit(const std::map<std::string, checkpoint::Weights>& averages, const TrainingOptions& options);

}  // namespace wan::train
