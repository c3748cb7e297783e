#include "tests/support/harness/simulated_visits.h"

#include <cmath>
#include <numbers>

#include "harness/measure/distributions.h"
#include "harness/measure/paired_means.h"
#include "harness/measure/statistics.h"

namespace wan::testing {
namespace {

constexpr double kVisitsOfDrift = 24;  // twelve blocks of two

}  // namespace

// In (0, 1), both ends excluded; the library's own distributions differ between machines.
double SimulatedMachine::uniform() { return (static_cast<double>(random_() >> 11) + 0.5) * 0x1p-53; }

double SimulatedMachine::hiccup(const Surroundings& surroundings) {
  std::vector<double> of_runs;
  for (std::size_t run = 0; run < surroundings.runs; ++run) {
    const bool is_hit = uniform() < surroundings.hiccup_share;
    const double size = std::log1p(0.02 + 0.04 * uniform());
    of_runs.push_back(is_hit ? size : 0);
  }
  return measure::median(of_runs);
}

std::vector<double> SimulatedMachine::disturbances(std::size_t visits, const Surroundings& surroundings) {
  std::vector<double> added;
  for (std::size_t k = 0; k < visits; ++k) {
    const double noise = kPairedNoise / std::numbers::sqrt2 * measure::normal_quantile(uniform());
    const double drift = surroundings.drift * static_cast<double>(k) / (kVisitsOfDrift - 1);
    added.push_back(noise + drift + hiccup(surroundings));
  }
  return added;
}

std::vector<double> interleaved(std::span<const double> disturbances, const std::vector<bool>& candidate_first, double log_slowdown) {
  std::vector<double> log_ratios;
  for (std::size_t block = 0; 2 * block + 1 < disturbances.size(); ++block) {
    const double later = disturbances[2 * block + 1] - disturbances[2 * block];
    log_ratios.push_back(log_slowdown + (candidate_first[block] ? -later : later));
  }
  return log_ratios;
}

Unpaired sequential_welch(std::span<const double> disturbances, double log_slowdown) {
  const std::size_t half = disturbances.size() / 2;
  std::vector<double> candidate(disturbances.begin() + static_cast<std::ptrdiff_t>(half), disturbances.end());
  for (double& time : candidate) time += log_slowdown;
  return welch(disturbances.first(half), candidate);
}

Unpaired welch(std::span<const double> baseline, std::span<const double> candidate) {
  const auto a = measure::mean_of_differences(baseline), b = measure::mean_of_differences(candidate);
  const double variance_a = *a.standard_error * *a.standard_error, variance_b = *b.standard_error * *b.standard_error;
  const double variance = variance_a + variance_b;
  const double degrees = variance * variance /
                         (variance_a * variance_a / static_cast<double>(a.n - 1) + variance_b * variance_b / static_cast<double>(b.n - 1));
  const double difference = b.mean - a.mean, reach = measure::student_t_quantile(0.975, degrees) * std::sqrt(variance);
  return {.p = 2 * measure::student_t_cdf(-std::abs(difference) / std::sqrt(variance), degrees),
          .slowdown = {.low = difference - reach, .high = difference + reach, .level = 0.95}};
}

}  // namespace wan::testing
