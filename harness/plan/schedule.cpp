#include "harness/plan/schedule.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <random>
#include <utility>

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
  const std::size_t n = plan.configurations.size();
  std::mt19937_64 random(order_seed);
  std::vector<std::size_t> names(n);
  std::iota(names.begin(), names.end(), std::size_t{0});
  shuffle(names, random);
  const auto design = williams_design(n);
  std::vector<std::size_t> rows;  // still to come of this round
  for (std::size_t block = 0; block < table.size(); ++block) {
    if (rows.empty()) {
      rows.resize(design.size());
      std::iota(rows.rbegin(), rows.rend(), std::size_t{0});
      if (n > 2) shuffle(rows, random);  // two alternate
    }
    for (const std::size_t letter : design.at(rows.back())) {
      const auto cells = table[block].find(names[letter]);
      if (cells != table[block].end()) schedule.visits.push_back({.block = block, .configuration = names[letter], .cells = cells->second});
    }
    rows.pop_back();
  }
  return schedule;
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
