// wan-train: trains the embedded model on the world's captioned clips, and checks what it has learned.
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <chrono>

#include "engine/base/build_info.h"
#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/train/training.h"
#include "harness/cli/arguments.h"
#include "harness/cli/interrupt.h"
#include "harness/cli/resources.h"
#include "harness/cli/train_check.h"

namespace {

using Clock = std::chrono::steady_clock;

struct Flags {
  std::string model = "wan-tiny";
  wan::cli::CheckOptions check;
  wan::train::TrainingOptions options;
  wan::train::VaeTraining vae;
  wan::train::DitTraining dit;
};

bool print_row(const char* what, std::int64_t step, std::int64_t steps, const wan::train::Figures& figures) {
  std::string text = fmt::format("{} step {} of {}:", what, step, steps);
  for (const auto& [name, value] : figures) text += fmt::format(" {} {:.4g}", name, value);
  fmt::print(stderr, "{}\n", text);
  return !wan::cli::Interrupt::requested();
}

// True if there is no more to do.
bool train_vae(const Flags& flags) {
  wan::train::prepare_model(wan::cli::model_dir(flags.model), flags.options);
  return wan::train::train_vae(flags.vae, flags.options, [](auto... row) { return print_row("vae", row...); });
}

bool train_dit(const Flags& flags) {
  return wan::train::train_dit(flags.dit, flags.options, [](auto... row) { return print_row("dit", row...); });
}

bool train_all(Flags flags) {
  const auto start = Clock::now();
  if (!train_vae(flags)) return false;
  if (flags.options.minutes > 0) {
    flags.options.minutes -= std::chrono::duration<double>(Clock::now() - start).count() / 60;
    if (flags.options.minutes <= 0) return false;
  }
  return train_dit(flags);
}

int report_end(const Flags& flags, bool done) {
  if (done)
    fmt::print(stderr, "done: {}\n", (flags.options.folder / "model").string());
  else
    fmt::print(stderr, "not done yet: the same command goes on; what is there is in {}\n", (flags.options.folder / "model").string());
  return wan::cli::Interrupt::requested() ? 130 : 0;
}

void add_common(CLI::App& app, Flags& f) {
  auto& o = f.options;
  app.add_option("--out", o.folder, "folder of the training: states, curves and model/; made if it is not there")->required();
  app.add_option("--model", f.model, "whose configs are trained: a folder of the diffusers layout, or the embedded wan-tiny")
      ->capture_default_str();
  app.add_option("--device", o.device, "cpu, cuda or cuda:<index>")->capture_default_str();
  app.add_option("--dtype", o.precision, "bfloat16 (float32 masters, sums and residual stream) or float32")->capture_default_str();
  app.add_option("--seed", o.seed, "of weights, noise and choices")->capture_default_str();
  app.add_option("--threads", o.threads, "that draw clips")->capture_default_str()->check(CLI::Range(1, 256));
  app.add_option("--minutes", o.minutes, "end this part after so long, state kept; the same command goes on; 0: to the end")
      ->capture_default_str();
  app.add_option("--frames", o.canvas.frames, "of a clip, 4k + 1")->capture_default_str();
  app.add_option("--width", o.canvas.width, "of a clip, pixels")->capture_default_str();
  app.add_option("--height", o.canvas.height, "of a clip, pixels")->capture_default_str();
  app.add_option("--log-every", o.log_every, "steps between rows of the curves")->capture_default_str()->check(CLI::PositiveNumber);
}

void add_vae(CLI::App& app, Flags& f) {
  app.add_option("--vae-steps", f.vae.steps, "steps of the VAE's training")->capture_default_str()->check(CLI::PositiveNumber);
  app.add_option("--vae-batch", f.vae.batch, "clips a step")->capture_default_str()->check(CLI::PositiveNumber);
  app.add_option("--vae-rate", f.vae.learning_rate, "largest learning rate")->capture_default_str();
  app.add_option("--vae-edges", f.vae.edges, "weight of the edges' loss")->capture_default_str();
  app.add_option("--vae-divergence", f.vae.divergence, "weight of the latents' divergence from N(0, 1)")->capture_default_str();
}

void add_dit(CLI::App& app, Flags& f) {
  app.add_option("--dit-steps", f.dit.steps, "steps of the transformers' and text encoder's training")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_option("--dit-batch", f.dit.batch, "clips a step, shared among the experts as the schedule's time is")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_option("--dit-rate", f.dit.learning_rate, "largest learning rate")->capture_default_str();
  app.add_option("--dit-pool", f.dit.pool, "latents held, a multiple of --dit-fresh")->capture_default_str()->check(CLI::PositiveNumber);
  app.add_option("--dit-fresh", f.dit.fresh, "clips that take the place of the oldest at once")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_option("--dit-fresh-every", f.dit.fresh_every, "steps between that")->capture_default_str()->check(CLI::PositiveNumber);
  app.add_option("--dit-dropout", f.dit.caption_dropout, "share of captions left away, for guidance")->capture_default_str();
  app.add_option("--dit-average", f.dit.average, "decay of the moving average that is exported")->capture_default_str();
}

void add_check(CLI::App& app, wan::cli::CheckOptions& check) {
  app.add_option("--model", check.model, "a folder, or the embedded wan-tiny")->capture_default_str();
  app.add_option("--clips", check.clips, "how many")->capture_default_str()->check(CLI::PositiveNumber);
  app.add_option("--device", check.device, "cpu, cuda or cuda:<index>")->capture_default_str();
}

void add_prompts(CLI::App& app, wan::cli::CheckOptions& check) {
  add_check(app, check);
  app.add_flag_callback(
      "--combinations", [&check] { check.split = wan::world::Split::combinations; },
      "captions with combinations that training never showed, instead of captions that it never showed");
  app.add_option("--sample-steps", check.steps, "denoising steps")->capture_default_str()->check(CLI::PositiveNumber);
  app.add_option("--sheet", check.sheet, "a PNG to write: three frames of each of the first 24 clips");
  app.add_flag("--failures", check.failures, "name the clips that miss a core claim, and show those alone on the sheet");
  app.add_option("--guidance-low", check.guidance_low, "scale of the low-noise expert")->capture_default_str();
  app.add_option("--guidance-high", check.guidance_high, "scale of the high-noise expert")->capture_default_str();
  app.add_option("--threads", check.threads, "CPU threads; 0: LibTorch's default")->capture_default_str();
}

int run(int argc, char** argv) {
  Flags flags;
  int status = 0;
  CLI::App app("wan-train: trains the embedded model on the world's captioned clips", "wan-train");
  app.set_version_flag("--version", std::string(wan::version()) + " (" + wan::git_revision() + ")");
  app.require_subcommand(1);
  const auto add = [&](const char* name, const char* help, const std::function<void(CLI::App&)>& options,
                       const std::function<int()>& body) {
    CLI::App* sub = app.add_subcommand(name, help);
    options(*sub);
    sub->callback([&status, body] { status = body(); });
  };
  add(
      "all", "the whole recipe: tokenizer, vae, dit; goes on where an earlier call ended",
      [&](CLI::App& sub) { add_common(sub, flags), add_vae(sub, flags), add_dit(sub, flags); },
      [&] { return report_end(flags, train_all(flags)); });
  add(
      "vae", "the VAE: reconstruction, edges, divergence", [&](CLI::App& sub) { add_common(sub, flags), add_vae(sub, flags); },
      [&] { return report_end(flags, train_vae(flags)); });
  add(
      "dit", "both transformers and the text encoder, on the folder's VAE",
      [&](CLI::App& sub) { add_common(sub, flags), add_dit(sub, flags); }, [&] { return report_end(flags, train_dit(flags)); });
  add(
      "export", "write the moving averages of the states in the folder to its model/", [&](CLI::App& sub) { add_common(sub, flags); },
      [&] {
        fmt::print("written to {}: {}\n", (flags.options.folder / "model").string(),
                   fmt::join(wan::train::export_model(flags.options), ", "));
        return 0;
      });
  add(
      "check-vae", "rebuild held-out clips with a model's VAE and score them", [&](CLI::App& sub) { add_check(sub, flags.check); },
      [&] {
        wan::cli::check_vae(flags.check);
        return 0;
      });
  add(
      "check-prompts", "generate clips of held-out captions and judge what they show",
      [&](CLI::App& sub) { add_prompts(sub, flags.check); },
      [&] {
        wan::cli::check_prompts(flags.check);
        return wan::cli::Interrupt::requested() ? 130 : 0;
      });
  try {
    app.parse(wan::cli::normalized_arguments(argc, argv));
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  const wan::cli::Interrupt interrupt;
  try {
    return run(argc, argv);
  } catch (const wan::UsageError& error) {
    wan::log::error("{}", error.what());
    return 2;
  } catch (const std::exception& error) {
    wan::log::error("{}", error.what());
    return 3;
  }
}
