#include "engine/train/model_folder.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/error.h"
#include "engine/base/random.h"
#include "engine/generation.h"
#include "engine/io/new_file.h"
#include "engine/runtime/device.h"
#include "engine/runtime/generator.h"
#include "engine/runtime/repeated.h"
#include "engine/runtime/tensor.h"
#include "engine/train/vocabulary.h"

namespace wan::train {
namespace {

constexpr std::int64_t kCountedCaptions = 50000;

}  // namespace

std::filesystem::path model_folder(const TrainingOptions& options) { return options.folder / "model"; }

PipelineConfig read_training_config(const TrainingOptions& options) {
  const auto folder = model_folder(options);
  if (!std::filesystem::exists(folder / "model_index.json"))
    throw UsageError(
        fmt::format("{}: there is no model in it; `wan-train vae --out {}` begins one", folder.string(), options.folder.string()));
  auto config = read_pipeline_config(folder);
  const auto& canvas = options.canvas;
  const std::int64_t step = config.vae.temporal_factor(), cell = config.vae.spatial_factor() * config.transformer.patch[1];
  if (canvas.frames < 1 || (canvas.frames - 1) % step != 0 || canvas.height % cell != 0 || canvas.width % cell != 0)
    throw UsageError(fmt::format("clips of {} frames of {}x{}: the model takes {}k + 1 frames and sides that are multiples of {}",
                                 canvas.frames, canvas.width, canvas.height, step, cell));
  return config;
}

at::ScalarType scalar_type_of(const TrainingOptions& options) {
  return parse_precision(options.precision) == Precision::bfloat16 ? at::kBFloat16 : at::kFloat;
}

at::Device open_training_device(const TrainingOptions& options) {
  const at::Device device = runtime::open_device(options.device);
  runtime::leave_default_stream(device);
  return device;
}

double moving_average(double decay, std::int64_t step) { return std::min(decay, 1 - 1 / (static_cast<double>(step) / 10 + 2)); }

at::Generator seeded(at::Device device, std::uint64_t seed, std::int64_t step) {
  return runtime::seeded_generator(device, SplitMix64(seed * SplitMix64::kStep + static_cast<std::uint64_t>(step)).next());
}

void prepare_model(const std::filesystem::path& model_template, const TrainingOptions& options) {
  namespace fs = std::filesystem;
  const auto config = read_pipeline_config(model_template);  // refuses what is none
  const fs::path folder = model_folder(options);
  if (fs::exists(folder / "model_index.json")) return;
  for (const auto& entry : fs::recursive_directory_iterator(model_template)) {
    if (!entry.is_regular_file() || entry.path().extension() != ".json" || entry.path().filename() == "tokenizer.json") continue;
    const fs::path to = folder / fs::relative(entry.path(), model_template);
    fs::create_directories(to.parent_path());
    fs::copy_file(fs::canonical(entry.path()), to, fs::copy_options::overwrite_existing);
  }
  fs::create_directories(folder / "tokenizer");
  io::write_text(folder / "tokenizer" / "tokenizer.json", make_tokenizer_json(kCountedCaptions, config.text.vocabulary));
}

}  // namespace wan::train
