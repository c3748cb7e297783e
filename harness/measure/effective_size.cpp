#include "harness/measure/effective_size.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/base/error.h"

namespace wan::measure {
namespace {

std::optional<double> intraclass_correlation(std::span<const SeedScores> prompts, std::span<const double> means) {
  double n = 0, total = 0, squares_of_sizes = 0, between = 0, within = 0;
  for (const auto& seeds : prompts) {
    const auto size = static_cast<double>(seeds.size());
    n += size;
    squares_of_sizes += size * size;
    total = std::accumulate(seeds.begin(), seeds.end(), total);
  }
  const auto groups = static_cast<double>(prompts.size());
  if (groups < 2 || n <= groups) return std::nullopt;
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    between += static_cast<double>(prompts[i].size()) * (means[i] - total / n) * (means[i] - total / n);
    for (const double score : prompts[i]) within += (score - means[i]) * (score - means[i]);
  }
  const double mean_between = between / (groups - 1), mean_within = within / (n - groups);
  const double seeds = (n - squares_of_sizes / n) / (groups - 1);  // S, if all have the same number
  const double total_variance = mean_between + (seeds - 1) * mean_within;
  if (total_variance <= 0) return std::nullopt;
  return std::clamp((mean_between - mean_within) / total_variance, 0.0, 1.0);
}

}  // namespace

std::vector<double> prompt_means(std::span<const SeedScores> prompts) {
  WAN_CHECK(!prompts.empty(), "means over seeds need at least one prompt");
  std::vector<double> means;
  for (const auto& seeds : prompts) {
    WAN_CHECK(!seeds.empty(), "prompt {} has no seed", means.size());
    for (const double score : seeds) WAN_CHECK(std::isfinite(score), "prompt {} has a score of {}", means.size(), score);
    means.push_back(std::accumulate(seeds.begin(), seeds.end(), 0.0) / static_cast<double>(seeds.size()));
  }
  return means;
}

EffectiveSize effective_size(std::span<const SeedScores> prompts) {
  const std::vector<double> means = prompt_means(prompts);
  EffectiveSize size{.prompts = prompts.size(), .seed_correlation = intraclass_correlation(prompts, means)};
  const double rho = size.seed_correlation.value_or(1);
  for (const auto& seeds : prompts) {
    const auto count = static_cast<double>(seeds.size());
    size.clips += seeds.size();
    size.n_effective += count / (1 + (count - 1) * rho);
  }
  return size;
}

}  // namespace wan::measure
