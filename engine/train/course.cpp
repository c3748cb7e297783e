#include "engine/train/course.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numbers>

#include "engine/train/curves.h"

namespace wan::train {
namespace {

using Clock = std::chrono::steady_clock;
constexpr double kLastRate = 1.0 / 50;
constexpr std::chrono::minutes kSaveEvery{5};

double seconds(Clock::duration time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

double learning_rate(const CourseOptions& options, std::int64_t step) {
  const std::int64_t warmup = std::max<std::int64_t>(1, std::min(options.warmup, options.steps / 10));
  const double rise = std::min(1.0, static_cast<double>(step + 1) / static_cast<double>(warmup));
  const double done = static_cast<double>(step) / static_cast<double>(std::max<std::int64_t>(options.steps, 1));
  const double fall = 0.5 * (1 + std::cos(std::numbers::pi * std::min(done, 1.0)));
  return options.learning_rate * rise * (kLastRate + (1 - kLastRate) * fall);
}

bool run_course(const CourseOptions& options, Trainer& trainer, const Watch& watch) {
  const auto file = [&](const char* ending) { return options.folder / (options.name + ending); };
  const auto state_file = file(".state.safetensors");
  std::int64_t done = 0;
  if (std::filesystem::exists(state_file)) {
    const TrainingState earlier = read_state(state_file, options.settings);
    trainer.restore(earlier, state_file.string());
    done = earlier.step;
  }
  Curves curves = done > 0 ? Curves::read(file(".csv"), done) : Curves();
  const double product_rate = trainer.product_rate();
  trainer.begin(done);

  const auto save = [&] { write_state({.settings = options.settings, .step = done, .networks = trainer.state()}, state_file); };
  const auto start = Clock::now();
  auto saved = start, logged = start;
  std::int64_t logged_step = done;
  bool go_on = true;
  while (done < options.steps && go_on) {
    trainer.step(done, learning_rate(options, done));
    ++done;
    if (done % options.log_every != 0 && done != options.steps) continue;
    Figures figures = trainer.figures();
    const auto now = Clock::now();
    figures.emplace_back("learning_rate", learning_rate(options, done - 1));
    figures.emplace_back("ms_a_step", 1e3 * seconds(now - logged) / static_cast<double>(done - logged_step));
    figures.emplace_back("ms_floor", 1e3 * trainer.flops() / product_rate);
    logged = now;
    logged_step = done;
    curves.add(done, figures);
    go_on = watch(done, options.steps, figures) && !(options.minutes > 0 && seconds(now - start) > 60 * options.minutes);
    if (now - saved > kSaveEvery) {
      save();
      saved = Clock::now();
    }
  }
  save();
  curves.write(file(".csv"), file(".svg"), options.name);
  return done >= options.steps;
}

}  // namespace wan::train
