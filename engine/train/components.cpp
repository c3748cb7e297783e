#include "engine/train/components.h"

#include <ATen/ops/exp.h>
#include <ATen/ops/from_blob.h>
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>
#include <fmt/format.h>

#include <cmath>

#include "engine/base/error.h"
#include "engine/checkpoint/layout.h"
#include "engine/checkpoint/write.h"
#include "engine/io/new_file.h"
#include "engine/model/tensor_table.h"
#include "engine/pipeline_config.h"
#include "engine/runtime/device.h"
#include "engine/runtime/tensor.h"
#include "engine/train/device_seams.h"
#include "engine/train/model_folder.h"
#include "engine/train/state_file.h"
#include "engine/train/world_clips.h"
#include "engine/vae/clip.h"
#include "engine/vae/tensor_table.h"
#include "engine/vae/vae.h"

namespace wan::train {
namespace {

constexpr std::int64_t kMeasured = 512;  // clips

// The moving averages in a state, by network, on `device`.
std::map<std::string, checkpoint::Weights> averages_in(const TrainingState& state, at::Device device) {
  constexpr std::string_view kEnd = ";average";
  std::map<std::string, checkpoint::Weights> averages;
  for (const auto& [network, tensors] : state.networks)
    for (const auto& [name, tensor] : tensors)
      if (name.ends_with(kEnd)) averages[network].tensors[name.substr(0, name.size() - kEnd.size())] = tensor.to(device);
  return averages;
}

}  // namespace

vae::VaeConfig unscaled(vae::VaeConfig config) {
  config.latents_mean.assign(static_cast<std::size_t>(config.z_dim), 0.0);
  config.latents_std.assign(static_cast<std::size_t>(config.z_dim), 1.0);
  return config;
}

void write_vae(const checkpoint::Weights& average, const TrainingOptions& options) {
  const c10::AutoGradMode off(false);
  vae::VaeConfig config = unscaled(read_training_config(options).vae);
  const at::Device device = average.tensors.begin()->second.device();
  const vae::Vae vae(config, average, std::make_shared<const Seams>(device_seams(device)));
  constexpr std::int64_t kAtOnce = 32;
  WorldClips clips(world::Split::train, options.canvas, kAtOnce, 0, options.threads);
  // Of latents drawn from the posterior: a channel in which the encoder says little stays small for the transformer, where the deviation
  // of the means alone would blow it up.
  at::Tensor sum, squares;
  double positions = 0;
  for (std::int64_t i = 0; i < kMeasured; i += kAtOnce) {
    const auto posterior = vae.encode_distribution(as_video(clips.next().rgb, device, at::kFloat));
    const at::Tensor mean = posterior.mean.to(at::kDouble), spread = at::exp(posterior.log_variance.to(at::kDouble));
    const at::Tensor one = mean.sum({0, 2, 3, 4}), two = (mean.square() + spread).sum({0, 2, 3, 4});  // [z]
    sum = sum.defined() ? sum + one : one;
    squares = squares.defined() ? squares + two : two;
    positions += static_cast<double>(mean.numel() / mean.size(1));
  }
  for (std::int64_t c = 0; c < config.z_dim; ++c) {
    const auto at = static_cast<std::size_t>(c);
    const double mean = sum[c].item<double>() / positions;
    config.latents_mean[at] = mean;
    config.latents_std[at] = std::sqrt(std::max(squares[c].item<double>() / positions - mean * mean, 1e-8));
  }
  const auto folder = model_folder(options) / "vae";
  checkpoint::write_weights(folder / "diffusion_pytorch_model.safetensors", vae::tensor_table(config), average);
  io::write_text(folder / "config.json", vae::print_vae_config(config));
}

void write_dit(const std::map<std::string, checkpoint::Weights>& averages, const TrainingOptions& options) {
  const auto folder = model_folder(options);
  const auto config = read_training_config(options);
  for (const auto& [name, weights] : averages)
    if (name == "text_encoder")
      checkpoint::write_weights(folder / name / "model.safetensors", text::umt5_tensors(config.text), weights);
    else
      checkpoint::write_weights(folder / name / "diffusion_pytorch_model.safetensors", model::transformer_tensors(config.transformer),
                                weights);
}

vae::Vae load_vae(const PipelineConfig& config, at::Device device, at::ScalarType dtype) {
  const auto source = checkpoint::open_component(config.files.vae, config.files.layout);
  return {config.vae, checkpoint::load_weights(source, vae::tensor_table(config.vae), {.dtype = dtype, .device = device}),
          std::make_shared<const Seams>(device_seams(device))};
}

void reconstruct(const std::filesystem::path& model, const TrainingOptions& options, std::int64_t count, const TakePair& take) {
  const c10::InferenceMode inference;
  const runtime::ProcessFlags flags({});
  const at::Device device = runtime::open_device(options.device);
  const vae::Vae vae = load_vae(read_pipeline_config(model), device, at::kFloat);
  const auto& canvas = options.canvas;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto seed = static_cast<std::uint64_t>(i);
    const VideoClip clip = world::render(world::draw_scene(seed, world::Split::validation), seed, canvas);
    const at::Tensor rgb = at::from_blob(const_cast<std::uint8_t*>(clip.rgb.data()), {1, canvas.frames, canvas.height, canvas.width, 3},
                                         at::TensorOptions(at::kByte));
    vae::ClipAssembler rebuilt(canvas.frames, canvas.height, canvas.width, canvas.frames_per_second);
    rebuilt.add({.pixels = vae.decode(vae.encode(as_video(rgb, device, at::kFloat))), .frame = 0, .row = 0, .column = 0});
    take(clip, rebuilt.take());
  }
}

std::vector<std::string> export_model(const TrainingOptions& options) {
  const at::Device device = runtime::open_device(options.device);
  std::vector<std::string> written;
  for (const char* name : {"vae", "dit"}) {
    const auto path = options.folder / fmt::format("{}.state.safetensors", name);
    if (!std::filesystem::exists(path)) continue;
    const auto averages = averages_in(read_state(path), device);
    if (averages.contains("vae"))
      write_vae(averages.at("vae"), options);
    else
      write_dit(averages, options);
    for (const auto& [network, weights] : averages) written.push_back(network);
  }
  if (written.empty())
    throw UsageError(fmt::format("{}: no state of a training in it; wan-train vae and wan-train dit make one", options.folder.string()));
  return written;
}

}  // namespace wan::train
