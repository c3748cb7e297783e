#include "harness/run/runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "engine/base/error.h"
#include "harness/run/extension.h"

namespace wan::run {
namespace {

double machine_s() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

struct OverBudget {
  std::string reason;
};

// Planned and recorded cells of a configuration stand in the same order.
std::vector<store::Cell*> cells_as_planned(const plan::RunPlan& plan, store::RunRecord& record) {
  std::vector<std::size_t> next(record.configurations.size(), 0);
  std::vector<store::Cell*> cells;
  for (const auto& planned : plan.cells)
    cells.push_back(&record.configurations.at(planned.configuration).cells.at(next[planned.configuration]++));
  return cells;
}

}  // namespace

Runner::Runner(Parts parts)
    : parts_(std::move(parts)),
      record_(parts_.folder.record()),
      schedule_(with_extension(parts_.plan, parts_.schedule, record_.extension)),
      cells_(cells_as_planned(parts_.plan, record_)),
      timed_(plan::cells_of_timed_steps(parts_.plan)),
      clips_(parts_.folder.path()),
      settlement_({.plan = parts_.plan, .record = record_, .cells = cells_, .folder = parts_.folder, .data_dir = parts_.request.data_dir}),
      residents_(parts_.make_executor, parts_.residents),
      earlier_s_(record_.elapsed_s) {
  if (!parts_.now_s) parts_.now_s = machine_s;
  outlives_faults_ = parts_.make_executor()->outlives_faults();
}

RunOutcome Runner::run() {
  start_s_ = parts_.now_s();
  RunOutcome outcome;
  const auto unload = [this] { residents_.unload_all(); };
  try {
    adopt_earlier_sitting();
    for (std::size_t block = 0; block < parts_.schedule.blocks; ++block) run_block(block);
    decide_extension();
    for (std::size_t block = parts_.schedule.blocks; block < schedule_.blocks; ++block) run_block(block);
    settle_the_rest();
  } catch (const Cancelled&) {
    outcome = {.record = {}, .end = RunEnd::cancelled, .reason = "cancelled: stopped by a person or a signal"};
  } catch (const OverBudget& over) {
    outcome = {.record = {}, .end = RunEnd::over_budget, .reason = over.reason};
  } catch (const FatalCudaError& error) {
    outcome = {.record = {}, .end = RunEnd::lost, .reason = fmt::format("the device is lost: {}", error.what())};
  } catch (...) {
    unload();
    throw;
  }
  unload();
  record_.complete = outcome.end == RunEnd::finished;
  record_.elapsed_s = earlier_s_ + parts_.now_s() - start_s_;
  parts_.folder.write(record_);
  // Not before: a run that could not be closed needs them when it is resumed, and a device's part (device_run.h) may be extended yet.
  const bool may_go_on = record_.extension.blocks > 0 && !record_.extension.decided;
  if (record_.complete && !may_go_on) std::filesystem::remove_all(parts_.folder.path() / "trajectories");
  outcome.record = record_;
  return outcome;
}

// Finished cells stay, and their times of then are shown no more; a clip that is gone is made anew. Of a device's part that is extended the
// session goes on.
void Runner::adopt_earlier_sitting() {
  const bool same_session = !record_.shard.empty() && record_.extension.decided;
  for (CellIndex i = 0; i < cells_.size(); ++i) {
    store::Cell& cell = *cells_[i];
    if (!has_outcome(cell)) continue;
    const bool misses =
        !clips_.has(cell) || (settlement_.keeps_trajectory(i) && !std::filesystem::exists(settlement_.trajectory_file(cell)));
    if (cell.status == store::CellStatus::done && misses) {
      cell.status = store::CellStatus::interrupted;
      continue;
    }
    if (cell.timed && !same_session) {
      cell.timed = false;
      append(i);
    }
    parts_.reporter.cell_kept(cell);
    if (cell.status == store::CellStatus::done) settlement_.adopt(i);
  }
}

bool Runner::is_finished(const plan::Visit& visit) const {
  const std::string& id = record_.configurations[visit.configuration].configuration.id;
  return std::all_of(visit.cells.begin(), visit.cells.end(), [&](CellIndex cell) { return has_outcome(*cells_[cell]); }) &&
         std::any_of(record_.visits.begin(), record_.visits.end(), [&](const store::Visit& done) {
           return static_cast<std::size_t>(done.block) == visit.block && done.configuration == id;
         });
}

// A sitting that ended while it made a block anew leaves an earlier one's visits behind its own, though the schedule has them before.
bool Runner::is_of_two_sittings(std::size_t block) const {
  auto done = record_.visits.begin();
  for (const plan::Visit& planned : schedule_.visits) {
    if (planned.block != block) continue;
    const std::string& id = record_.configurations[planned.configuration].configuration.id;
    done = std::find_if(done, record_.visits.end(),
                        [&](const auto& visit) { return static_cast<std::size_t>(visit.block) == block && visit.configuration == id; });
    if (done == record_.visits.end()) return true;
  }
  return false;
}

void Runner::stop_if_over_budget(std::size_t block) {
  if (parts_.budget_s <= 0 || block_s_.empty()) return;  // one block at least, or there would be nothing to resume
  const double used_s = parts_.now_s() - start_s_, next_s = *std::max_element(block_s_.begin(), block_s_.end());
  if (used_s + next_s > parts_.budget_s)
    throw OverBudget{fmt::format("over_budget: {} of {} blocks are done after {:.0f} s, and another of up to {:.0f} s would pass --budget",
                                 block, schedule_.blocks, used_s, next_s)};
}

// A resumed run goes on with what was decided: the same configurations, and so the same blocks in the same order.
void Runner::decide_extension() {
  store::Extension& extension = record_.extension;
  if (extension.blocks == 0 || extension.decided || !parts_.open_speeds) return;
  check_cancelled();
  extension.configurations = parts_.open_speeds(record_);
  const bool is_bounded = parts_.budget_s > 0;
  if (is_bounded) extension.unused = why_over_budget(parts_.plan, extension, block_s_, parts_.budget_s - (parts_.now_s() - start_s_));
  extension.decided = true;
  parts_.folder.write(record_);
  schedule_ = with_extension(parts_.plan, parts_.schedule, extension);
  if (!extension.configurations.empty())
    parts_.reporter.say(fmt::format("after {} blocks the speed of {} is open: {}", record_.blocks,
                                    fmt::join(extension.configurations, ", "),
                                    extension.unused.empty() ? fmt::format("{} more", extension.blocks) : extension.unused));
}

// Of a block that an earlier sitting left unfinished all visits are made again: halves of two sittings are no pair. Where there are too few
// blocks to compare times at all, only what is missing is made.
void Runner::run_block(std::size_t block) {
  std::vector<std::size_t> visits, missing;
  for (std::size_t i = 0; i < schedule_.visits.size(); ++i) {
    if (schedule_.visits[i].block != block) continue;
    visits.push_back(i);
    if (!is_finished(schedule_.visits[i])) missing.push_back(i);
  }
  const bool is_compared = parts_.schedule.blocks >= plan::kFewestBlocks || !record_.shard.empty();  // together shards may have enough
  if (missing.empty() && !(is_compared && is_of_two_sittings(block))) {
    for (const std::size_t visit : visits)
      parts_.reporter.steps_kept(record_.configurations[schedule_.visits[visit].configuration].configuration.id);
    return;
  }
  stop_if_over_budget(block);
  if (is_compared) missing = visits;
  const double start_s = parts_.now_s();
  for (const std::size_t position : missing) run_visit(position);
  block_s_.push_back(parts_.now_s() - start_s);
}

void Runner::run_visit(std::size_t position) {
  check_cancelled();
  const plan::Visit& planned = schedule_.visits[position];
  position_ = position;
  const bool is_of_steps = schedule_.steps_a_visit > 0;
  store::Visit visit{.configuration = record_.configurations[planned.configuration].configuration.id,
                     .block = static_cast<std::int64_t>(planned.block),
                     .device = parts_.request.device};
  if (open(planned.configuration, planned.cells.front(), visit)) {
    const auto seen = parts_.observe ? parts_.observe() : nullptr;
    if (is_of_steps) {
      time_steps(planned.configuration, visit);
    } else {
      for (const CellIndex cell : planned.cells) run_cell(cell, visit);
      run_again(planned, visit);
    }
    if (seen) visit.covariates = seen();
    if (is_of_steps) run_clips(planned);
    settlement_.score_waiting();
    for (const CellIndex cell : settlement_.drivable(planned.configuration)) drive_along(cell);
  } else {
    visit.void_reason = failed_loads_.at(planned.configuration);
    for (const CellIndex cell : planned.cells)
      if (!has_outcome(*cells_[cell])) fail_cell(cell, failed_loads_.at(planned.configuration));
  }
  parts_.folder.append(visit);
  std::erase_if(record_.visits,
                [&](const auto& earlier) { return earlier.block == visit.block && earlier.configuration == visit.configuration; });
  record_.visits.push_back(std::move(visit));
}

// What waits for a trajectory that will not come is asked for it once, and its score is the reason.
void Runner::settle_the_rest() {
  std::map<std::size_t, std::vector<CellIndex>> overdue;
  for (const CellIndex index : settlement_.overdue()) overdue[configuration_of(index)].push_back(index);
  for (const auto& [configuration, cells] : overdue) {
    check_cancelled();
    store::Visit untimed;
    if (!residents_.find(configuration) && !load(configuration, untimed)) continue;
    for (const CellIndex index : cells) drive_along(index);
  }
}

void Runner::check_cancelled() const {
  if (is_cancelled()) throw Cancelled{};
}

}  // namespace wan::run
