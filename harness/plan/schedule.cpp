#include "harness/plan/schedule.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <random>
#include <utility>

#include "engine/base/error.h"

namespace wan::plan {
namespace {

// std::shuffle differs between libraries; the standard fixes the generator alone.
template <typename T>
void shuffle(std::vector<T>& values, std::mt19937_64& random) {
  for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[random() % i]);
}

// Block by block the cells of each configuration: cells[block][configuration].
using Table = std::vector<std::map<std::size_t, std::vector<std::size_t>>>;

Table share_cells(const RunPlan& plan, std::size_t blocks) {
  std::map<std::pair<std::size_t, std::uint64_t>, std::map<std::size_t, std::size_t>> clips;  // prompt and seed: cell by configuration
  for (std::size_t i = 0; i < plan.cells.size(); ++i) {
    const PlannedCell& cell = plan.cells[i];
    clips[{cell.prompt, cell.seed}][cell.configuration] = i;
  }
  if (blocks == 0) blocks = std::min(kBlocks, clips.size());
  Table table(blocks);
  std::vector<const std::map<std::size_t, std::size_t>*> order;
  for (const auto& [clip, cells] : clips) order.push_back(&cells);
  for (std::size_t turn = 0; turn < std::max(blocks, order.size()) && !order.empty(); ++turn) {
    const std::size_t block = blocks < order.size() ? turn * blocks / order.size() : turn;
    for (const auto& [configuration, cell] : *order[turn % order.size()]) table[block][configuration].push_back(cell);
  }
  return table;
}

// The orders of one block after the other.
class BlockOrders {
 public:
  BlockOrders(std::vector<std::size_t> treatments, std::uint64_t seed)
      : random_(seed), treatments_(std::move(treatments)), design_(williams_design(treatments_.size())) {
    shuffle(treatments_, random_);
  }

  std::vector<std::size_t> next() {
    if (rows_.empty()) {
      rows_.resize(design_.size());
      std::iota(rows_.rbegin(), rows_.rend(), std::size_t{0});
      if (treatments_.size() > 2) shuffle(rows_, random_);  // two alternate
    }
    std::vector<std::size_t> order;
    for (const std::size_t letter : design_.at(rows_.back())) order.push_back(treatments_[letter]);
    rows_.pop_back();
    return order;
  }

 private:
  std::mt19937_64 random_;
  std::vector<std::size_t> treatments_;
  std::vector<std::vector<std::size_t>> design_;
  std::vector<std::size_t> rows_ = {};  // still to come of this round
};

constexpr std::uint64_t kExtensionSeed = 0x9e3779b97f4a7c15ULL;  // so that an extension does not repeat the orders of its first blocks

}  // namespace

std::vector<std::vector<std::size_t>> williams_design(std::size_t n) {
  std::vector<std::size_t> first;
  for (std::size_t i = 0; i < n; ++i) first.push_back(i == 0 ? 0 : i % 2 == 1 ? (i + 1) / 2 : n - i / 2);
  std::vector<std::vector<std::size_t>> rows;
  for (std::size_t shift = 0; shift < n; ++shift) {
    std::vector<std::size_t> row;
    for (const std::size_t treatment : first) row.push_back((treatment + shift) % n);
    rows.push_back(row);
    if (n % 2 == 1 && n > 1) rows.emplace_back(row.rbegin(), row.rend());
  }
  return rows;
}

Schedule make_schedule(const RunPlan& plan, std::size_t blocks, std::uint64_t order_seed) {
  const Table table = share_cells(plan, blocks);
  Schedule schedule{.order_seed = order_seed, .blocks = table.size()};
  std::vector<std::size_t> all(plan.configurations.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  BlockOrders orders(std::move(all), order_seed);
  for (std::size_t block = 0; block < table.size(); ++block) {
    for (const std::size_t configuration : orders.next()) {
      const auto cells = table[block].find(configuration);
      if (cells != table[block].end()) schedule.visits.push_back({.block = block, .configuration = configuration, .cells = cells->second});
    }
  }
  return schedule;
}

bool register_extension(Schedule& schedule) {
  if (schedule.blocks < kFewestExtensibleBlocks) return false;
  schedule.extension = schedule.blocks;
  return true;
}

Schedule extended(const Schedule& first, const std::set<std::size_t>& configurations) {
  WAN_CHECK(first.extension > 0 && first.extension <= first.blocks, "{} blocks have an extension of {}", first.blocks, first.extension);
  Schedule schedule = first;
  schedule.extension = 0;
  schedule.blocks += first.extension;
  BlockOrders orders({configurations.begin(), configurations.end()}, first.order_seed ^ kExtensionSeed);
  for (std::size_t block = 0; block < first.extension; ++block)
    for (const std::size_t configuration : orders.next())
      for (const Visit& visit : first.visits)
        if (visit.block == block && visit.configuration == configuration)
          schedule.visits.push_back({.block = first.blocks + block, .configuration = configuration, .cells = visit.cells});
  return schedule;
}

std::vector<std::size_t> cells_of_timed_steps(const RunPlan& plan) {
  const std::size_t all = plan.configurations.size();
  std::map<std::pair<std::size_t, std::uint64_t>, std::vector<std::size_t>> clips;  // prompt and seed: cells, in the plan's order
  std::vector<std::size_t> first(all, plan.cells.size());
  for (std::size_t i = 0; i < plan.cells.size(); ++i) {
    const PlannedCell& cell = plan.cells[i];
    clips[{cell.prompt, cell.seed}].push_back(i);
    first[cell.configuration] = std::min(first[cell.configuration], i);
  }
  for (const auto& [clip, cells] : clips)
    if (cells.size() == all) return cells;  // a plan is configuration-major
  return first;
}

Schedule in_plan_order(const RunPlan& plan) {
  Schedule schedule{.blocks = 1};
  for (std::size_t i = 0; i < plan.cells.size(); ++i) {
    const std::size_t configuration = plan.cells[i].configuration;
    if (schedule.visits.empty() || schedule.visits.back().configuration != configuration)
      schedule.visits.push_back({.block = 0, .configuration = configuration});
    schedule.visits.back().cells.push_back(i);
  }
  return schedule;
}

}  // namespace wan::plan
