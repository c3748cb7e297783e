#include "harness/machine/noise.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstring>
#include <functional>
#include <memory>
#include <thread>

#include "engine/base/error.h"
#include "harness/measure/distributions.h"
#include "harness/measure/statistics.h"

namespace wan::machine {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kFewestSamples = 5;
constexpr double kSample_s = 0.05;
constexpr std::size_t kCopyBytes = std::size_t{256} << 20;
constexpr int kCopies = 5;
constexpr double kDeviationToSigma = 1.482602;  // of a normal distribution

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// The same on every machine and in every run, in registers: a chain that no compiler may shorten.
double fixed_work(std::int64_t rounds) {
  double a = 1.0, b = 0.5, c = 0.25, d = 0.125;
  for (std::int64_t i = 0; i < rounds; ++i) {
    a = a * 0.999999 + 1e-6;
    b = b * 0.999998 + 2e-6;
    c = c * 0.999997 + 3e-6;
    d = d * 0.999996 + 4e-6;
  }
  return a + b + c + d;
}

// Seconds until `work(thread)` has ended on all threads, this one among them.
double time_on_all(int threads, const std::function<void(int)>& work) {
  const auto start = Clock::now();
  std::vector<std::jthread> others;
  for (int thread = 1; thread < threads; ++thread) others.emplace_back([&work, thread] { work(thread); });
  work(0);
  others.clear();  // joins
  return seconds_since(start);
}

}  // namespace

NoiseScore score_noise(std::span<const double> samples_s) {
  NoiseScore score{.samples = samples_s.size(), .median_s = measure::median(samples_s)};
  if (samples_s.size() < kFewestSamples || score.median_s <= 0) return score;
  std::vector<double> deviations;
  for (const double sample_s : samples_s) deviations.push_back(std::abs(sample_s - score.median_s) / score.median_s);
  score.deviation = measure::median(deviations);
  // Of the log ratio of two visits, then of its mean over the blocks.
  const double error = kDeviationToSigma * *score.deviation * std::sqrt(2.0) / std::sqrt(static_cast<double>(kNoiseBlocks));
  const double freedom = kNoiseBlocks - 1, two_sided = measure::student_t_quantile(0.975, freedom);
  score.half_width = two_sided * error;
  score.resolvable = (two_sided + measure::student_t_quantile(0.9, freedom)) * error;
  return score;
}

std::vector<double> time_fixed_work(double duration_s, int threads) {
  WAN_CHECK(threads >= 1, "{} threads", threads);
  std::atomic<double> sink{0};  // the result is wanted, or there would be nothing to compute
  const auto repeat = [&](std::int64_t rounds) {
    return time_on_all(threads, [&](int) { sink.store(fixed_work(rounds), std::memory_order_relaxed); });
  };
  std::int64_t rounds = 1 << 16;
  while (repeat(rounds) < kSample_s) rounds *= 2;
  std::vector<double> samples_s;
  const auto start = Clock::now();
  while (samples_s.size() < kFewestSamples || seconds_since(start) < duration_s) samples_s.push_back(repeat(rounds));
  return samples_s;
}

double host_copy_bytes_per_s(int threads) {
  WAN_CHECK(threads >= 1, "{} threads", threads);
  const auto from = std::make_unique<char[]>(kCopyBytes);  // zeroed, so every page is there
  const auto to = std::make_unique<char[]>(kCopyBytes);
  const std::size_t part = kCopyBytes / static_cast<std::size_t>(threads);
  double best_s = 0;
  for (int copy = 0; copy < kCopies; ++copy) {
    const double elapsed_s = time_on_all(threads, [&](int thread) {
      const std::size_t offset = part * static_cast<std::size_t>(thread);
      std::memcpy(to.get() + offset, from.get() + offset, part);
    });
    best_s = copy == 0 ? elapsed_s : std::min(best_s, elapsed_s);
  }
  return 2.0 * static_cast<double>(part) * threads / best_s;
}

}  // namespace wan::machine
