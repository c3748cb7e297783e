#include "engine/train/course.h"

#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "engine/train/curves.h"

namespace wan::train {
namespace {

constexpr double kLastRate = 1.0 / 50;
constexpr std::chrono::minutes kSaveEvery{5};

}  // namespace

Course::Course(CourseOptions options, Watch watch) : options_(std::move(options)), watch_(std::move(watch)) {}

std::filesystem::path Course::file(const char* ending) const { return options_.folder / (options_.name + ending); }

std::optional<TrainingState> Course::earlier() const {
  const auto path = file(".state.safetensors");
  if (!std::filesystem::exists(path)) return std::nullopt;
  return read_state(path, options_.settings);
}

double Course::learning_rate(std::int64_t step) const {
  const std::int64_t warmup = std::max<std::int64_t>(1, std::min(options_.warmup, options_.steps / 10));
  const double rise = std::min(1.0, static_cast<double>(step + 1) / static_cast<double>(warmup));
  const double done = static_cast<double>(step) / static_cast<double>(std::max<std::int64_t>(options_.steps, 1));
  const double fall = 0.5 * (1 + std::cos(std::numbers::pi * std::min(done, 1.0)));
  return options_.learning_rate * rise * (kLastRate + (1 - kLastRate) * fall);
}

bool Course::run(std::int64_t first, const std::function<void(std::int64_t, double)>& step, const std::function<Figures()>& figures,
                 const std::function<std::map<std::string, TensorMap>()>& state) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  const auto save = [&](std::int64_t done) {
    write_state({.settings = options_.settings, .step = done, .networks = state()}, file(".state.safetensors"));
  };
  Curves curves = first > 0 ? Curves::read(file(".csv"), first) : Curves();
  auto saved = start;
  auto logged = start;
  std::int64_t logged_step = first, done = first;
  bool go_on = true;
  while (done < options_.steps && go_on) {
    step(done, learning_rate(done));
    ++done;
    if (done % options_.log_every != 0 && done != options_.steps) continue;
    Figures now = figures();
    const auto time = Clock::now();
    now.emplace_back("learning_rate", learning_rate(done - 1));
    const double seconds = std::chrono::duration<double>(time - logged).count() / static_cast<double>(done - logged_step);
    now.emplace_back("ms_a_step", 1e3 * seconds);
    now.emplace_back("ms_floor", 1e3 * options_.flops() / options_.product_rate);
    logged = time;
    logged_step = done;
    curves.add(done, now);
    go_on = watch_(done, options_.steps, now);
    if (options_.minutes > 0 && std::chrono::duration<double>(time - start).count() > 60 * options_.minutes) go_on = false;
    if (time - saved > kSaveEvery) {
      save(done);
      saved = Clock::now();
    }
  }
  save(done);
  curves.write(file(".csv"), file(".svg"), options_.name);
  return done >= options_.steps;
}

}  // namespace wan::train
