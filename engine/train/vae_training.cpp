#include <ATen/ops/empty_like.h>
#include <ATen/ops/exp.h>
#include <c10/core/GradMode.h>
#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "engine/runtime/device.h"
#include "engine/runtime/repeated.h"
#include "engine/runtime/tensor.h"
#include "engine/train/components.h"
#include "engine/train/course.h"
#include "engine/train/device_seams.h"
#include "engine/train/flops.h"
#include "engine/train/initial.h"
#include "engine/train/model_folder.h"
#include "engine/train/objective.h"
#include "engine/train/training.h"
#include "engine/train/world_clips.h"

namespace wan::train {
namespace {

constexpr const char* kNetwork = "vae";
constexpr std::int64_t kHeldOut = 64;  // clips

class VaeTrainer final : public Trainer {
 public:
  VaeTrainer(const VaeTraining& training, const TrainingOptions& options)
      : training_(training),
        device_(open_training_device(options)),
        dtype_(scalar_type_of(options)),
        config_(unscaled(read_training_config(options).vae)),
        network_(initial_vae(config_, options.seed), {.dtype = dtype_, .device = device_}, Network::Order::channels_last),
        vae_(config_, network_.weights(), counting_seams(flops_, device_)),
        options_(options),
        pace_(device_),
        update_(device_, [this] { update(); }) {}

  const vae::VaeConfig& config() const { return config_; }
  checkpoint::Weights average() const { return network_.average(); }

  std::map<std::string, TensorMap> state() const override { return {{kNetwork, network_.state()}}; }
  void restore(const TrainingState& state, const std::string& place) override {
    network_.restore(network_of(state, kNetwork, place), place);
  }
  // A backward pass computes what the forward does twice: for the inputs and for the weights.
  double flops() const override { return 3 * *flops_; }
  double product_rate() const override { return measure_product_rate(device_, dtype_); }

  void begin(std::int64_t step) override {
    const auto first = static_cast<std::uint64_t>(step * training_.batch);
    clips_.emplace(world::Split::train, options_.canvas, training_.batch, first, options_.threads);
  }

  void step(std::int64_t index, double rate) override {
    const auto asked = std::chrono::steady_clock::now();
    const ClipBatch clips = clips_->next();
    waited_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - asked).count();
    ++waits_;
    const at::Tensor video = as_video(clips.rgb, device_, dtype_);
    if (!video_.defined()) prepare_inputs(video);
    video_.copy_(video);
    auto generator = seeded(device_, options_.seed, index);
    noise_.normal_(0, 1, generator);
    pace_.set(rate, moving_average(training_.average, index));
    update_();
  }

  Figures figures() override {
    const double waiting = 1e3 * std::exchange(waited_, 0.0) / static_cast<double>(std::exchange(waits_, 0));
    return {{"reconstruction", pixels_.item<double>()}, {"edges", edges_.item<double>()},
            {"divergence", divergence_.item<double>()}, {"gradient_norm", network_.gradient_norm().item<double>()},
            {"held_out_psnr", held_out_psnr()},         {"ms_waiting_for_clips", waiting}};
  }

  // Mean over clips of the PSNR of 8-bit pictures, of what the moving average makes of held-out clips.
  double held_out_psnr() {
    const c10::AutoGradMode off(false);
    if (!held_out_.defined()) {
      WorldClips clips(world::Split::validation, options_.canvas, kHeldOut, 0, options_.threads);
      held_out_ = clips.next().rgb;
    }
    const vae::Vae vae(config_, network_.average(), std::make_shared<const Seams>(device_seams(device_)));
    double sum = 0;
    constexpr std::int64_t kAtOnce = 16;
    for (std::int64_t i = 0; i < kHeldOut; i += kAtOnce) {
      const at::Tensor rgb = held_out_.narrow(0, i, kAtOnce);
      const at::Tensor rebuilt = vae.decode(vae.encode(as_video(rgb, device_, at::kFloat)));
      const at::Tensor levels = ((rebuilt + 1.0) * 127.5).clamp(0, 255).floor().permute({0, 2, 3, 4, 1});
      const at::Tensor mse = (levels - rgb.to(device_).to(at::kFloat)).square().mean({1, 2, 3, 4});
      sum += (10.0 * (255.0 * 255.0 / mse).log10()).sum().item<double>();
    }
    return sum / static_cast<double>(kHeldOut);
  }

 private:
  void prepare_inputs(const at::Tensor& video) {
    video_ = at::empty_like(video);
    const c10::AutoGradMode off(false);
    noise_ = at::empty_like(vae_.encode_distribution(video).mean);
  }

  void update() {
    *flops_ = 0;
    auto posterior = vae_.encode_distribution(video_);
    posterior.log_variance = posterior.log_variance.clamp(-30.0, 20.0);
    const at::Tensor rebuilt = vae_.decode(posterior.mean + at::exp(posterior.log_variance / 2) * noise_);
    const at::Tensor error = rebuilt - video_;  // float32, as rebuilt is
    const at::Tensor pixels = reconstruction_loss(error), edges = edge_loss(error), cost = divergence(posterior);
    (pixels + training_.edges * edges + training_.divergence * cost).backward();
    network_.step(pace_, training_.adamw);
    pixels_ = pixels.detach();
    edges_ = edges.detach();
    divergence_ = cost.detach();
  }

  VaeTraining training_;
  at::Device device_;
  at::ScalarType dtype_;
  vae::VaeConfig config_;
  std::shared_ptr<double> flops_ = std::make_shared<double>(0);
  Network network_;
  vae::Vae vae_;
  TrainingOptions options_;
  std::optional<WorldClips> clips_;
  Pace pace_;
  runtime::Repeated update_;
  at::Tensor video_, noise_;                // a step's inputs
  at::Tensor pixels_, edges_, divergence_;  // and what it left
  at::Tensor held_out_;
  double waited_ = 0;  // seconds, since the last figures
  int waits_ = 0;
};

std::string settings_of(const VaeTraining& t, const TrainingOptions& o, const vae::VaeConfig& config) {
  return fmt::format("vae: {} steps of {} clips {}x{}x{}, rate {}, edges {}, divergence {}, average {}, seed {}, {}; {}", t.steps, t.batch,
                     o.canvas.frames, o.canvas.height, o.canvas.width, t.learning_rate, t.edges, t.divergence, t.average, o.seed,
                     o.precision, vae::print_vae_config(config));
}

}  // namespace

bool train_vae(const VaeTraining& training, const TrainingOptions& options, const Watch& watch) {
  const runtime::ProcessFlags flags({.allow_tf32 = options.precision == "bfloat16"});
  VaeTrainer trainer(training, options);
  const bool done = run_course({.folder = options.folder,
                                .name = "vae",
                                .settings = settings_of(training, options, trainer.config()),
                                .steps = training.steps,
                                .learning_rate = training.learning_rate,
                                .minutes = options.minutes,
                                .log_every = options.log_every},
                               trainer, watch);
  write_vae(trainer.average(), options);
  return done;
}

}  // namespace wan::train
