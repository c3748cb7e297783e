#include "harness/run/runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <optional>
#include <utility>

#include "engine/base/error.h"
#include "engine/base/log.h"
#include "harness/run/extension.h"
#include "harness/run/failure.h"
#include "harness/run/teacher_forced.h"
#include "harness/run/worker_lost.h"

namespace wan::run {
namespace {

double machine_s() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

struct OverBudget {
  std::string reason;
};

// Why the time of a load proves nothing about its configuration; empty if it does. Imitated arithmetic is never as fast as the real one.
// What fell back is not what was asked for, unless the baseline fell back alike.
std::string why_not_claimable(const LoadReport& report, const store::ConfigurationRecord* baseline) {
  if (!report.emulations.empty()) return report.emulations.front();
  for (const auto& fallback : report.fallbacks) {
    const bool shared =
        baseline && std::find(baseline->fallbacks.begin(), baseline->fallbacks.end(), fallback) != baseline->fallbacks.end();
    if (!shared) return fallback;
  }
  return {};
}

std::vector<std::string> log_tail_of(const std::exception& error) {
  const auto* lost = dynamic_cast<const WorkerLost*>(&error);
  return lost ? lost->log_tail() : std::vector<std::string>{};
}

// Planned and recorded cells of a configuration stand in the same order.
std::vector<store::Cell*> cells_as_planned(const plan::RunPlan& plan, store::RunRecord& record) {
  std::vector<std::size_t> next(record.configurations.size(), 0);
  std::vector<store::Cell*> cells;
  for (const auto& planned : plan.cells)
    cells.push_back(&record.configurations.at(planned.configuration).cells.at(next[planned.configuration]++));
  return cells;
}

std::vector<std::string> joined(std::vector<std::string> first, const std::vector<std::string>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

}  // namespace

Runner::Runner(Parts parts)
    : parts_(std::move(parts)),
      record_(parts_.folder.record()),
      schedule_(with_extension(parts_.plan, parts_.schedule, record_.extension)),
      cells_(cells_as_planned(parts_.plan, record_)),
      clips_(parts_.folder.path()),
      settlement_({.plan = parts_.plan, .record = record_, .cells = cells_, .folder = parts_.folder, .data_dir = parts_.request.data_dir}),
      residents_(parts_.make_executor, parts_.residents),
      earlier_s_(record_.elapsed_s) {
  if (!parts_.now_s) parts_.now_s = machine_s;
  outlives_faults_ = parts_.make_executor()->outlives_faults();
}

// What ends a run goes through: a person, a full disk, and a device that is lost together with this process.
template <typename Work, typename Failed>
void Runner::attempt(Work work, Failed failed) {
  try {
    work();
  } catch (const Cancelled&) {
    throw;
  } catch (const store::StorageError&) {
    throw;
  } catch (const FatalCudaError& error) {
    failed(error);
    if (!outlives_faults_) throw;
  } catch (const std::exception& error) {
    failed(error);
  }
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
  // Not before: a run that could not be closed needs them when it is resumed.
  if (record_.complete) std::filesystem::remove_all(parts_.folder.path() / "trajectories");
  outcome.record = record_;
  return outcome;
}

// Finished cells stay, and their times of then are shown no more; a clip that is gone is made anew.
void Runner::adopt_earlier_sitting() {
  for (CellIndex i = 0; i < cells_.size(); ++i) {
    store::Cell& cell = *cells_[i];
    if (!has_outcome(cell)) continue;
    const bool misses =
        !clips_.has(cell) || (settlement_.keeps_trajectory(i) && !std::filesystem::exists(settlement_.trajectory_file(cell)));
    if (cell.status == store::CellStatus::done && misses) {
      cell.status = store::CellStatus::interrupted;
      continue;
    }
    if (cell.timed) {
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
  const bool is_compared = parts_.schedule.blocks >= plan::kFewestBlocks;
  if (missing.empty() && !(is_compared && is_of_two_sittings(block))) return;
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
  store::Visit visit{.configuration = record_.configurations[planned.configuration].configuration.id,
                     .block = static_cast<std::int64_t>(planned.block)};
  if (open(planned.configuration, planned.cells.front(), visit)) {
    const auto seen = parts_.observe ? parts_.observe() : nullptr;
    for (const CellIndex cell : planned.cells) run_cell(cell, visit);
    run_again(planned, visit);
    if (seen) visit.covariates = seen();
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

bool Runner::open(std::size_t configuration, CellIndex first, store::Visit& visit) {
  if (failed_loads_.contains(configuration)) return false;
  if (residents_.find(configuration)) return true;
  if (!load(configuration, visit)) return false;
  const double start_s = parts_.now_s();
  warm_up(configuration, first);
  visit.warm_up_s = parts_.now_s() - start_s;
  return true;
}

bool Runner::load(std::size_t configuration, store::Visit& visit) {
  store::ConfigurationRecord& record = record_.configurations[configuration];
  parts_.reporter.load_begins(record.configuration.id);
  std::optional<LoadReport> loaded;
  for (int tries = 0; !loaded && !failed_loads_.contains(configuration); ++tries) {
    attempt(
        [&] {
          loaded = residents_.load(configuration, make_load_request(parts_.plan.configurations[configuration], parts_.request),
                                   [this](std::size_t other) { return next_use(other); });
        },
        [&](const std::exception& error) {
          if (tries == kRetries || !outlives_faults_ || !is_infrastructure_fault(error))
            failed_loads_[configuration] = describe_failure(error);
        });
  }
  if (!loaded) return false;
  LoadReport report = std::move(*loaded);
  if (!record_.weights_hash.empty() && record_.weights_hash != report.weights_hash)
    throw UsageError(fmt::format("{}: the checkpoint has changed since this run began; start anew with --fresh", parts_.request.model));
  visit.load_s = report.load_s;
  record_.weights_hash = report.weights_hash;
  record.load_s = report.load_s;
  record.weight_bytes = report.weight_bytes;
  record.fallbacks = joined(report.fallbacks, report.emulations);
  loads_[configuration] = std::move(report);
  for (const auto& [other, loaded] : loads_) {  // what a baseline shares is known when both are loaded
    store::ConfigurationRecord& one = record_.configurations[other];
    one.speed_claimable = why_not_claimable(loaded, find(one.configuration.speed_baseline));
  }
  for (CellIndex i = 0; i < cells_.size(); ++i)
    if (configuration_of(i) == configuration && !has_outcome(*cells_[i]))
      cells_[i]->key = cell_key(parts_.plan, parts_.plan.cells[i], parts_.request, record_.weights_hash);
  parts_.folder.write(record_);
  parts_.reporter.load_ended(record.configuration.id, record.load_s);
  return true;
}

// A warm-up that fails says nothing of its own: the first cell will fail alike, and has a place for the reason.
void Runner::warm_up(std::size_t configuration, CellIndex first) {
  GenerationRequest request = make_generation_request(parts_.plan, parts_.plan.cells[first], parts_.request);
  request.steps = std::min(request.steps, kWarmupSteps);
  bool lost = false;
  for (int tries = 0; tries == 0 || (lost && tries == 1); ++tries) {  // once more: what took a lost worker's place would be timed cold
    lost = false;
    attempt([&] { residents_.find(configuration)->generate(request, [this](auto, auto) { return !is_cancelled(); }); },
            [&](const std::exception& error) { lost = outlives_faults_ && is_infrastructure_fault(error); });
  }
}

void Runner::run_cell(CellIndex index, store::Visit& visit) {
  check_cancelled();
  store::Cell& cell = *cells_[index];
  if (cell.status == store::CellStatus::failed || cell.status == store::CellStatus::skipped) {
    visit.void_reason = cell.reason;
    return;
  }
  if (cell.status == store::CellStatus::done) {
    generate_again(index, visit);
    return;
  }
  parts_.reporter.cell_begins(cell);
  const double start_s = parts_.now_s();
  const bool made = attempt_again(
      index, [&] { generate(index, visit); },
      [&](const std::exception& error) { fail_cell(index, describe_failure(error), log_tail_of(error)); });
  if (!made) {
    visit.void_reason = cell.reason;
    return;
  }
  if (cell.status != store::CellStatus::done) visit.void_reason = cell.reason;
  append(index);
  parts_.reporter.cell_ended(cell, parts_.now_s() - start_s);
}

// Until the visit has its runs: what one of three is held up by does not move their median.
void Runner::run_again(const plan::Visit& planned, store::Visit& visit) {
  for (std::size_t i = 0; visit.void_reason.empty() && visit.clip_s.size() < schedule_.runs_a_visit; ++i) {
    check_cancelled();
    generate_again(planned.cells[i % planned.cells.size()], visit);
  }
}

// What was lost with a worker or a device is tried again, by one that is warm; the last failure is told. False then.
template <typename Work, typename Failed>
bool Runner::attempt_again(CellIndex index, Work work, Failed failed) {
  store::Cell& cell = *cells_[index];
  for (int tries = 0;; ++tries) {
    bool lost = false, again = false, well = true;
    attempt(work, [&](const std::exception& error) {
      well = false;
      lost = outlives_faults_ && is_infrastructure_fault(error);
      again = lost && tries < kRetries;
      if (again)
        cell.retries.push_back(describe_failure(error));
      else
        failed(error);
    });
    if (again)
      parts_.reporter.say(
          fmt::format("{} {} seed {}: once more after {}", cell.configuration, cell.prompt, cell.seed, cell.retries.back()));
    if (lost) warm_up(configuration_of(index), index);  // what took its place is cold
    if (!again) return well;
  }
}

GenerationResult Runner::ask(CellIndex index, const std::string& trajectory_file) {
  GenerationRequest request = make_generation_request(parts_.plan, parts_.plan.cells[index], parts_.request);
  request.trajectory_file = trajectory_file;
  return residents_.find(configuration_of(index))->generate(request, [this](std::int64_t done, std::int64_t total) {
    parts_.reporter.step(done, total);
    return !is_cancelled();
  });
}

void Runner::generate(CellIndex index, store::Visit& visit) {
  store::Cell& cell = *cells_[index];
  const double start_s = parts_.now_s();
  GenerationResult result = ask(index);
  cell.elapsed_s = parts_.now_s() - start_s;
  cell.timed = true;
  cell.status = store::CellStatus::done;
  cell.reason.clear();
  cell.stages = std::move(result.stages);
  cell.transformer_forwards = result.transformer_forwards;
  cell.peak_bytes = result.peak_bytes;
  cell.fallbacks = std::move(result.fallbacks);
  cell.nonfinite = result.nonfinite_latents + result.clip.nonfinite_values;
  visit.clip_s.push_back(cell.elapsed_s);
  if (cell.nonfinite > 0) {
    cell.status = store::CellStatus::failed;
    cell.reason = describe_nonfinite(result.nonfinite_latents, result.clip.nonfinite_values);
  }
  clips_.keep(result.clip, cell);
  settlement_.add(index, result.clip);
  if (settlement_.keeps_trajectory(index)) keep_trajectory(index);
}

// A clip that is not the one that was scored makes the time worthless: it may be of other work.
void Runner::generate_again(CellIndex index, store::Visit& visit) {
  const store::Cell& cell = *cells_[index];
  const std::size_t retries = cell.retries.size();
  attempt_again(
      index,
      [&] {
        const double start_s = parts_.now_s();
        const GenerationResult result = ask(index);
        visit.clip_s.push_back(parts_.now_s() - start_s);
        if (result.clip.content_hash() != cell.clip_hash)
          visit.void_reason = fmt::format("other_clip: {} seed {} came out differently when it was made again", cell.prompt, cell.seed);
      },
      [&](const std::exception& error) { visit.void_reason = describe_failure(error); });
  if (cell.retries.size() > retries) append(index);
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

// Made apart from the timed clip, whose time would hold the writing.
void Runner::keep_trajectory(CellIndex index) {
  const auto file = settlement_.trajectory_file(*cells_[index]);
  std::error_code ignored;  // the engine will say that it cannot write there
  std::filesystem::create_directories(file.parent_path(), ignored);
  attempt_again(
      index, [&] { ask(index, file.string()); },
      [&](const std::exception& error) {
        log::warn("cell={} keeps no trajectory, so nothing can be driven along it: {}", cells_[index]->key, error.what());
      });
}

void Runner::drive_along(CellIndex index) {
  auto& scores = cells_[index]->scores.scores;
  attempt_again(
      index,
      [&] {
        const ReplayResult replay = residents_.find(configuration_of(index))
                                        ->replay(make_generation_request(parts_.plan, parts_.plan.cells[index], parts_.request),
                                                 settlement_.trajectory_file(*settlement_.reference_of(index)).string(),
                                                 [this](auto, auto) { return !is_cancelled(); });
        for (auto& score : teacher_forced_scores(replay)) scores.push_back(std::move(score));
      },
      [&](const std::exception& error) { scores.push_back(teacher_forced_failure(describe_failure(error))); });
  settlement_.driven(index);
}

void Runner::fail_cell(CellIndex index, std::string reason, std::vector<std::string> log_tail) {
  cells_[index]->status = store::CellStatus::failed;
  cells_[index]->reason = std::move(reason);
  cells_[index]->log_tail = std::move(log_tail);
  append(index);
  parts_.reporter.cell_ended(*cells_[index], 0);
}

void Runner::check_cancelled() const {
  if (is_cancelled()) throw Cancelled{};
}

std::size_t Runner::next_use(std::size_t configuration) const {
  const auto& visits = schedule_.visits;
  for (std::size_t i = position_; i < visits.size(); ++i)
    if (visits[i].configuration == configuration) return i;
  return visits.size();
}

const store::ConfigurationRecord* Runner::find(const std::string& configuration) const {
  for (const auto& record : record_.configurations)
    if (record.configuration.id == configuration) return &record;
  return nullptr;
}

}  // namespace wan::run
