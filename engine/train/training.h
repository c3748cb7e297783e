// The three things that wan-train does. All of them work on one folder: `<folder>/model` is filled in the diffusers layout, the states and
// curves of vae and dit lie beside it, so that each may be stopped at any time and called again. The networks are those of inference: the
// same classes, made of the tensors that are trained.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/video_clip.h"
#include "engine/train/world/render.h"

namespace wan::train {

struct TrainingOptions {
  std::filesystem::path folder = {};
  std::string device = "cpu";
  std::string precision = "bfloat16";  // of products and activations; sums, norms and the residual stream are float32 anyway
  std::uint64_t seed = 1;
  int threads = 4;     // that draw clips
  double minutes = 0;  // of this part; 0: to the end
  world::Canvas canvas = {};
  std::int64_t log_every = 50;
};

// A row of the log and of the curves: figures by name, always the same ones.
using Figures = std::vector<std::pair<std::string, double>>;
// Told of each row; a false answer ends the part, its state is kept.
using Watch = std::function<bool(std::int64_t step, std::int64_t steps, const Figures& figures)>;

// Loshchilov, Hutter: Decoupled weight decay regularization (ICLR 2019). Weights of one dimension, norms and tables are not decayed.
struct AdamW {
  double beta1 = 0.9, beta2 = 0.99, eps = 1e-8, weight_decay = 0.01;
  double clip = 1.0;  // largest norm of the gradient of the whole network
};

// Copies the configs of a model's folder and makes the tokenizer, if that is not done yet. Throws UsageError if the template is no
// pipeline.
void prepare_model(const std::filesystem::path& model_template, const TrainingOptions& options);

// Reconstruction (L1), gradients of the picture at three scales (L1) and the Kullback-Leibler divergence to a unit Gaussian.
struct VaeTraining {
  std::int64_t steps = 28000, batch = 8;
  double learning_rate = 2e-3, edges = 1.5, divergence = 3e-3, average = 0.999;
  AdamW adamw = {};
};

// Flow matching (Lipman et al. 2023) of both experts and the text encoder together: each expert on its own range of noise, drawn as the
// shifted schedule of inference visits it.
struct DitTraining {
  std::int64_t steps = 46000;
  std::int64_t batch = 512;      // clips a step; each expert gets as many as its range's part of the schedule
  std::int64_t pool = 65536;     // latents held, each used many times
  std::int64_t fresh = 64;       // clips drawn at once in the place of the oldest
  std::int64_t fresh_every = 8;  // steps
  double learning_rate = 3e-3, caption_dropout = 0.1, average = 0.9995;
  AdamW adamw = {};
};

// Both return true when all steps are done and the component's files are written; false: the time was over or `watch` said so, call again.
// Throw UsageError for a folder that is not prepared or holds a training with other settings.
bool train_vae(const VaeTraining& training, const TrainingOptions& options, const Watch& watch);
bool train_dit(const DitTraining& training, const TrainingOptions& options, const Watch& watch);

// Writes the moving averages as they are now: the components that have a state. Returns their names.
std::vector<std::string> export_model(const TrainingOptions& options);

// Clips of the validation split and what the model's VAE makes of each, in float32, for those who measure the difference.
using TakePair = std::function<void(const VideoClip& clip, const VideoClip& rebuilt)>;
void reconstruct(const std::filesystem::path& model, const TrainingOptions& options, std::int64_t clips, const TakePair& take);

}  // namespace wan::train
