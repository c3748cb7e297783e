#include "harness/run/extension.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>

namespace wan::run {
namespace {

// What is open with its speed baselines, as indices into the plan.
std::set<std::size_t> timed_further(const plan::RunPlan& plan, const store::Extension& extension) {
  std::set<std::string> ids(extension.configurations.begin(), extension.configurations.end());
  for (const auto& planned : plan.configurations)
    if (std::find(extension.configurations.begin(), extension.configurations.end(), planned.configuration.id) !=
        extension.configurations.end())
      ids.insert(planned.configuration.speed_baseline);
  std::set<std::size_t> configurations;
  for (std::size_t i = 0; i < plan.configurations.size(); ++i)
    if (ids.contains(plan.configurations[i].configuration.id)) configurations.insert(i);
  return configurations;
}

}  // namespace

std::string why_over_budget(const plan::RunPlan& plan, const store::Extension& extension, std::span<const double> block_s, double left_s) {
  if (extension.configurations.empty() || block_s.empty()) return {};
  const double mean_s = std::accumulate(block_s.begin(), block_s.end(), 0.0) / static_cast<double>(block_s.size());
  const double share = static_cast<double>(timed_further(plan, extension).size()) / static_cast<double>(plan.configurations.size());
  const double needed_s = mean_s * share * static_cast<double>(extension.blocks);
  if (needed_s <= left_s) return {};
  return fmt::format("over_budget: {} more blocks would take about {:.0f} s of the {:.0f} s that --budget leaves", extension.blocks,
                     needed_s, std::max(left_s, 0.0));
}

plan::Schedule with_extension(const plan::RunPlan& plan, const plan::Schedule& first, const store::Extension& extension) {
  if (!extension.decided || extension.configurations.empty() || !extension.unused.empty()) return first;
  return plan::extended(first, timed_further(plan, extension));
}

}  // namespace wan::run
