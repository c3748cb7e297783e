#include <ATen/ops/empty.h>
#include <ATen/ops/where.h>
#include <c10/core/GradMode.h>
#include <fmt/format.h>

#include "engine/base/error.h"
#include "engine/model/tensor_table.h"
#include "engine/model/transformer.h"
#include "engine/pipeline_config.h"
#include "engine/reference_seams.h"
#include "engine/runtime/device.h"
#include "engine/runtime/repeated.h"
#include "engine/runtime/tensor.h"
#include "engine/text/umt5.h"
#include "engine/train/choices.h"
#include "engine/train/components.h"
#include "engine/train/course.h"
#include "engine/train/flops.h"
#include "engine/train/initial.h"
#include "engine/train/latent_pool.h"
#include "engine/train/model_folder.h"
#include "engine/train/objective.h"
#include "engine/train/training.h"

namespace wan::train {
namespace {

struct Expert {
  const char* name;
  Network network;
  model::Transformer transformer;
  model::RopeTables rope;
  at::Tensor loss;

  Expert(const char* name, Part part, const model::TransformerConfig& config, std::uint64_t seed, const checkpoint::LoadPolicy& policy,
         std::shared_ptr<const Seams> seams)
      : name(name), network(initial_transformer(config, seed), policy), transformer(config, network.weights(), part, std::move(seams)) {}
};

// No caption of the world is longer, its end included (a test holds that).
constexpr std::int64_t kCaptionTokens = 40;

class DitTrainer final : public Trainer {
 public:
  DitTrainer(const DitTraining& training, const TrainingOptions& options)
      : training_(training),
        options_(options),
        device_(open_training_device(options)),
        dtype_(scalar_type_of(options)),
        config_(read_training_config(options)),
        tokenizer_(text::Tokenizer::load(config_.files.tokenizer)),
        vae_(load_vae(config_, device_, dtype_)),
        text_(initial_text_encoder(config_.text, options.seed), {.dtype = dtype_, .device = device_}),
        encoder_(config_.text, text_.weights(), counting_seams(flops_, device_)),
        pace_(device_),
        update_(device_, [this] { update(); }) {
    if (training.pool % training.fresh != 0)
      throw UsageError(
          fmt::format("a pool of {} latents is no multiple of the {} that are renewed at once", training.pool, training.fresh));
    const checkpoint::LoadPolicy policy{.dtype = dtype_, .device = device_, .keep_float32 = model::keep_float32};
    const double shift = config_.scheduler.shift, boundary = config_.boundary.value_or(0.0);
    ChoiceOptions choices{
        .batch = training.batch, .pool = training.pool, .dropout = training.caption_dropout, .ranges = {}, .seed = options.seed};
    const auto add = [&](const char* name, Part part, double lowest, double highest) {
      choices.ranges.push_back({shift, lowest, highest});
      experts_.push_back(std::make_unique<Expert>(name, part, config_.transformer, options.seed + 1 + experts_.size(), policy,
                                                  counting_seams(flops_, device_)));
    };
    add("transformer", Part::high_noise, boundary, 1.0);
    if (config_.boundary) add("transformer_2", Part::low_noise, 0.0, boundary);
    if (training.batch < static_cast<std::int64_t>(experts_.size()))
      throw UsageError(
          fmt::format("a batch of {} clips: expected one at least for each of the {} experts", training.batch, experts_.size()));
    clips_ = split_batch(training.batch, choices.ranges);
    choices_.emplace(std::move(choices), device_);
    const auto empty = caption_tokens(tokenizer_, "", kCaptionTokens);
    empty_prompt_ = text::make_token_batch(config_.text, std::span(&empty, 1), kCaptionTokens);
    for (at::Tensor* tensor : {&empty_prompt_.tokens, &empty_prompt_.valid, &empty_prompt_.buckets}) *tensor = tensor->to(device_);
  }

  const PipelineConfig& config() const { return config_; }
  double flops() const override { return 3 * *flops_; }
  double product_rate() const override { return measure_product_rate(device_, dtype_); }

  void begin(std::int64_t step) override {
    pool_.emplace(vae_, device_, dtype_, tokenizer_, config_.text, kCaptionTokens, options_, training_.pool, training_.fresh,
                  step > 0 ? (step - 1) / training_.fresh_every : 0);  // rounds before this step, which may do another
    auto shape = pool_->latents().sizes().vec();
    shape[0] = training_.batch;
    noise_ = at::empty(shape, at::TensorOptions(at::kFloat).device(device_));
    for (const auto& expert : experts_) expert->rope = expert->transformer.prepare_rope(shape);
  }

  void step(std::int64_t index, double rate) override {
    if (index % training_.fresh_every == 0 && index > 0) pool_->refresh();
    choices_->choose(index);
    noise_.normal_(0, 1, seeded(device_, options_.seed, index));
    pace_.set(rate, moving_average(training_.average, index));
    update_();
  }

  Figures figures() override {
    Figures figures;
    double skipped = text_.skipped().item<double>();
    for (std::size_t i = 0; i < experts_.size(); ++i) {
      figures.emplace_back(fmt::format("loss_{}", experts_[i]->name), experts_[i]->loss.item<double>());
      figures.emplace_back(fmt::format("gradient_norm_{}", experts_[i]->name), experts_[i]->network.gradient_norm().item<double>());
      skipped += experts_[i]->network.skipped().item<double>();
    }
    figures.emplace_back("skipped_updates", skipped);
    return figures;
  }

  std::map<std::string, TensorMap> state() const override {
    std::map<std::string, TensorMap> networks = {{"text_encoder", text_.state()}};
    for (const auto& expert : experts_) networks[expert->name] = expert->network.state();
    return networks;
  }

  void restore(const TrainingState& state, const std::string& place) override {
    text_.restore(network_of(state, "text_encoder", place), place);
    for (const auto& expert : experts_) expert->network.restore(network_of(state, expert->name, place), place);
  }

  std::map<std::string, checkpoint::Weights> averages() const {
    std::map<std::string, checkpoint::Weights> averages = {{"text_encoder", text_.average()}};
    for (const auto& expert : experts_) averages[expert->name] = expert->network.average();
    return averages;
  }

 private:
  // The chosen latents' captions, but for those left away.
  text::TokenBatch prompts() const {
    const at::Tensor kept = choices_->kept().unsqueeze(1);  // [B, 1]
    const auto pick = [&](const at::Tensor& pool, const at::Tensor& empty) {
      return at::where(kept, pool.index_select(0, choices_->places()), empty);
    };
    return {.tokens = pick(pool_->tokens(), empty_prompt_.tokens),
            .valid = pick(pool_->valid(), empty_prompt_.valid),
            .buckets = empty_prompt_.buckets};
  }

  void update() {
    *flops_ = 0;
    const at::Tensor states = encoder_.encode(prompts());  // [B, n, text_dim]
    const at::Tensor clean = pool_->latents().index_select(0, choices_->places()).to(at::kFloat);
    const at::Tensor noisy = add_noise(clean, noise_, choices_->levels().to(at::kFloat).view({-1, 1, 1, 1, 1}));
    const at::Tensor sinusoids = model::timestep_sinusoids(1000.0 * choices_->levels(), config_.transformer.freq_dim);
    at::Tensor total;
    std::int64_t first = 0;
    for (std::size_t i = 0; i < experts_.size(); ++i) {
      const auto& expert = experts_[i];
      const auto part = [&](const at::Tensor& all) { return all.narrow(0, first, clips_[i]); };
      const auto& transformer = expert->transformer;
      const at::Tensor velocity = transformer.forward(part(noisy), transformer.prepare_time(part(sinusoids)),
                                                      transformer.prepare_text(part(states)), expert->rope, nullptr);
      const at::Tensor loss = velocity_loss(velocity, part(clean), part(noise_));
      expert->loss = loss.detach();
      total = total.defined() ? total + loss : loss;
      first += clips_[i];
    }
    total.backward();
    for (const auto& expert : experts_) expert->network.step(pace_, training_.adamw);
    text_.step(pace_, training_.adamw);
  }

  DitTraining training_;
  TrainingOptions options_;
  at::Device device_;
  at::ScalarType dtype_;
  PipelineConfig config_;
  text::Tokenizer tokenizer_;
  std::shared_ptr<double> flops_ = std::make_shared<double>(0);
  vae::Vae vae_;
  Network text_;
  text::TextEncoder encoder_;
  std::vector<std::unique_ptr<Expert>> experts_;
  text::TokenBatch empty_prompt_;  // [1, n] on the device
  std::optional<LatentPool> pool_;
  std::optional<Choices> choices_;
  std::vector<std::int64_t> clips_;  // a step and expert
  at::Tensor noise_;                 // [B, z, T, h, w] float32
  Pace pace_;
  runtime::Repeated update_;
};

std::string settings_of(const DitTraining& t, const TrainingOptions& o, const PipelineConfig& c) {
  const auto& m = c.transformer;
  return fmt::format(
      "dit: {} steps of {} clips {}x{}x{}, pool {} renewed by {} every {}, rate {}, caption dropout {}, average {}, seed {}, {}, shift {}, "
      "boundary {}; {} layers of {} heads of {}, ffn {}, text {}; encoder {} layers of {}",
      t.steps, t.batch, o.canvas.frames, o.canvas.height, o.canvas.width, t.pool, t.fresh, t.fresh_every, t.learning_rate,
      t.caption_dropout, t.average, o.seed, o.precision, c.scheduler.shift, c.boundary.value_or(0), m.layers, m.heads, m.head_dim,
      m.ffn_dim, m.text_length, c.text.layers, c.text.d_model);
}

}  // namespace

bool train_dit(const DitTraining& training, const TrainingOptions& options, const Watch& watch) {
  const runtime::ProcessFlags flags({.allow_tf32 = options.precision == "bfloat16"});
  DitTrainer trainer(training, options);
  const bool done = run_course({.folder = options.folder,
                                .name = "dit",
                                .settings = settings_of(training, options, trainer.config()),
                                .steps = training.steps,
                                .learning_rate = training.learning_rate,
                                .warmup = 500,
                                .minutes = options.minutes,
                                .log_every = options.log_every},
                               trainer, watch);
  write_dit(trainer.averages(), options);
  return done;
}

}  // namespace wan::train
