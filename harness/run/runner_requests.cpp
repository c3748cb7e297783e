#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

#include "engine/base/error.h"
#include "engine/base/log.h"
#include "harness/run/failure.h"
#include "harness/run/runner.h"
#include "harness/run/teacher_forced.h"
#include "harness/run/worker_lost.h"

namespace wan::run {
namespace {

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

std::vector<std::string> joined(std::vector<std::string> first, const std::vector<std::string>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

}  // namespace

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

// Each once, whichever visit is the first to hold it; their times count for nothing.
void Runner::run_clips(const plan::Visit& planned) {
  store::Visit untimed;
  for (const CellIndex cell : planned.cells)
    if (!has_outcome(*cells_[cell])) run_cell(cell, untimed);
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

// A failure in front of a visit's clips says nothing of these; they are asked for all the same.
void Runner::time_steps(std::size_t configuration, store::Visit& visit) {
  const CellIndex index = timed_[configuration];
  const store::Cell& cell = *cells_[index];
  const std::size_t retries = cell.retries.size();
  parts_.reporter.steps_begin(visit.configuration);
  const double start_s = parts_.now_s();
  visit.steps = store::TimedSteps{.prompt = cell.prompt, .seed = cell.seed};
  while (visit.void_reason.empty() && visit.steps->run_s.size() < schedule_.runs_a_visit) {
    check_cancelled();
    attempt_again(
        index, [&] { time_steps_once(index, visit); }, [&](const std::exception& error) { visit.void_reason = describe_failure(error); });
  }
  parts_.reporter.steps_ended(visit.configuration, parts_.now_s() - start_s);
  if (has_outcome(cell) && cell.retries.size() > retries) append(index);  // another one is stored when it is made
}

void Runner::time_steps_once(CellIndex index, store::Visit& visit) {
  const GenerationRequest request = make_generation_request(parts_.plan, parts_.plan.cells[index], parts_.request);
  const double start_s = parts_.now_s();
  TimedSteps timed = residents_.find(configuration_of(index))
                         ->time_steps(request, static_cast<std::int64_t>(schedule_.steps_a_visit), [this](auto done, auto total) {
                           parts_.reporter.step(done, total);
                           return !is_cancelled();
                         });
  store::TimedSteps& steps = *visit.steps;
  steps.run_s.push_back(parts_.now_s() - start_s);
  const auto first = timed.stages.step_s.begin(), second = first + timed.stages.high_noise_steps;
  steps.high_noise_step_s.insert(steps.high_noise_step_s.end(), first, second);
  steps.low_noise_step_s.insert(steps.low_noise_step_s.end(), second, timed.stages.step_s.end());
  steps.clip_high_noise_steps = timed.clip_high_noise_steps;
  steps.clip_low_noise_steps = timed.clip_low_noise_steps;
  steps.transformer_forwards += timed.transformer_forwards;
  steps.peak_bytes = std::max(steps.peak_bytes, timed.peak_bytes);
  steps.nonfinite += timed.nonfinite_latents;
  steps.fallbacks = joined(std::move(steps.fallbacks), timed.fallbacks);
  const store::TimedSteps* before = steps.run_s.size() > 1 ? &steps : steps_on_record(visit);
  if (timed.nonfinite_latents > 0)
    visit.void_reason = describe_nonfinite(timed.nonfinite_latents, 0);
  else if (before && before->latents_hash != timed.latents_hash)
    visit.void_reason =
        fmt::format("other_latents: {} seed {} came out differently when its steps were timed again", steps.prompt, steps.seed);
  steps.latents_hash = std::move(timed.latents_hash);
}

// The first of the same work.
const store::TimedSteps* Runner::steps_on_record(const store::Visit& visit) const {
  for (const auto& earlier : record_.visits)
    if (earlier.configuration == visit.configuration && earlier.steps && earlier.steps->prompt == visit.steps->prompt &&
        earlier.steps->seed == visit.steps->seed && earlier.void_reason.empty())
      return &*earlier.steps;
  return nullptr;
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
