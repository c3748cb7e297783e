#include "harness/plan/shard.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "engine/base/error.h"

namespace wan::plan {
namespace {

constexpr std::size_t kMostShards = 100000;

using Clip = std::pair<std::size_t, std::uint64_t>;  // prompt, seed

struct Group {
  Clip clip;
  double cost_s = 0;
};

bool parse_count(std::string_view text, std::size_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && value >= 1 && value <= kMostShards;
}

double usual_cost(const Costs& costs) {
  if (costs.clip_s.empty()) return 1;
  double sum = 0;
  for (const auto& [id, cost] : costs.clip_s) sum += cost;
  return sum / static_cast<double>(costs.clip_s.size());
}

// A candidate that is driven along its baseline's trajectory goes through the model twice.
double cost_of(const RunPlan& plan, const PlannedCell& cell, const Costs& costs) {
  const Configuration& configuration = plan.configurations[cell.configuration].configuration;
  const auto known = costs.clip_s.find(configuration.id);
  const double once = known == costs.clip_s.end() ? usual_cost(costs) : known->second;
  return cell.teacher_forced && configuration.quality_baseline != configuration.id ? 2 * once : once;
}

// In the plan's order of their first cell.
std::vector<Group> groups_of(const RunPlan& plan, const Costs& costs) {
  std::vector<Group> groups;
  std::map<Clip, std::size_t> places;
  for (const auto& cell : plan.cells) {
    const auto [place, is_new] = places.emplace(Clip{cell.prompt, cell.seed}, groups.size());
    if (is_new) groups.push_back({.clip = place->first});
    groups[place->second].cost_s += cost_of(plan, cell, costs);
  }
  return groups;
}

}  // namespace

Shard parse_shard(const std::string& text) {
  const auto slash = text.find('/');
  Shard shard;
  const bool readable = slash != std::string::npos && parse_count(std::string_view(text).substr(0, slash), shard.index) &&
                        parse_count(std::string_view(text).substr(slash + 1), shard.count) && shard.index <= shard.count;
  if (!readable) throw UsageError(fmt::format("--shard {}: expected i/N, the i-th of N parts, from 1/N to N/N", text));
  return shard;
}

std::string to_string(const Shard& shard) { return fmt::format("{}/{}", shard.index, shard.count); }

RunPlan take_shard(const RunPlan& plan, const Shard& shard, const Costs& costs) {
  std::vector<Group> groups = groups_of(plan, costs);
  if (shard.count > groups.size())
    throw UsageError(fmt::format("--shard {}: the plan has {} pairs of prompt and seed, and a pair is never split; use at most {} shards",
                                 to_string(shard), groups.size(), groups.size()));
  std::stable_sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) { return a.cost_s > b.cost_s; });
  std::vector<double> load_s(shard.count, 0.0);
  std::map<Clip, std::size_t> owner;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    // The first ones go round, so that no shard stays empty whatever the costs are.
    const std::size_t least =
        i < shard.count ? i : static_cast<std::size_t>(std::min_element(load_s.begin(), load_s.end()) - load_s.begin());
    load_s[least] += groups[i].cost_s;
    owner[groups[i].clip] = least + 1;
  }
  RunPlan part = plan;
  std::erase_if(part.cells, [&](const PlannedCell& cell) { return owner.at({cell.prompt, cell.seed}) != shard.index; });
  return part;
}

}  // namespace wan::plan
