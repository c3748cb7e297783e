#include "harness/run/runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include "engine/base/error.h"
#include "harness/run/failure.h"
#include "harness/run/teacher_forced.h"

namespace wan::run {
namespace {

class Stopwatch {
 public:
  double elapsed_s() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

bool has_outcome(const store::Cell& cell) { return cell.status != store::CellStatus::interrupted; }

void fail(store::Cell& cell, std::string reason) {
  cell.status = store::CellStatus::failed;
  cell.reason = std::move(reason);
}

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

std::vector<std::string> joined(std::vector<std::string> first, const std::vector<std::string>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

}  // namespace

Runner::Runner(Parts parts)
    : parts_(std::move(parts)),
      record_(parts_.folder.record()),
      clips_(parts_.folder.path()),
      scoring_(parts_.plan.metrics, parts_.request.data_dir),
      earlier_s_(record_.elapsed_s) {}

// Finished cells stay. Their times are of another visit; a clip that is gone is made anew.
void Runner::adopt_earlier_visit() {
  for (auto& configuration : record_.configurations) {
    for (auto& cell : configuration.cells) {
      if (!has_outcome(cell)) continue;
      if (cell.status == store::CellStatus::done && (!clips_.has(cell) || misses_trajectory(cell))) {
        cell.status = store::CellStatus::interrupted;
        continue;
      }
      if (cell.timed) {
        cell.timed = false;
        parts_.folder.append(cell);
      }
      parts_.reporter.cell_kept(cell);
    }
  }
}

std::vector<Runner::Work> Runner::work_of(std::size_t configuration) {
  auto& cells = record_.configurations[configuration].cells;
  std::vector<Work> work;
  std::size_t index = 0;  // planned cells and recorded cells of a configuration stand in the same order
  for (const auto& planned : parts_.plan.cells) {
    if (planned.configuration != configuration) continue;
    store::Cell& cell = cells.at(index++);
    if (!has_outcome(cell)) work.push_back({.planned = &planned, .cell = &cell});
  }
  return work;
}

RunOutcome Runner::run() {
  const Stopwatch whole;
  RunOutcome outcome;
  try {
    adopt_earlier_visit();
    for (std::size_t i = 0; i < record_.configurations.size(); ++i) run_configuration(i);
  } catch (const Cancelled&) {
    outcome = {.record = {}, .end = RunEnd::cancelled, .reason = "cancelled: stopped by a person or a signal"};
  } catch (const FatalCudaError& error) {
    outcome = {.record = {}, .end = RunEnd::lost, .reason = fmt::format("the device is lost: {}", error.what())};
  }
  record_.complete = outcome.end == RunEnd::finished;
  if (record_.complete) std::filesystem::remove_all(parts_.folder.path() / "trajectories");
  record_.elapsed_s = earlier_s_ + whole.elapsed_s();
  parts_.folder.write(record_);
  outcome.record = record_;
  return outcome;
}

void Runner::run_configuration(std::size_t configuration) {
  const std::vector<Work> work = work_of(configuration);
  if (work.empty()) return;
  if (is_cancelled()) throw Cancelled{};
  if (!load(configuration, work)) return;
  try {
    warm_up(work.front());
    for (const auto& one : work) run_cell(one);
  } catch (...) {
    parts_.executor.unload();
    throw;
  }
  parts_.executor.unload();
}

bool Runner::load(std::size_t configuration, const std::vector<Work>& work) {
  store::ConfigurationRecord& record = record_.configurations[configuration];
  parts_.reporter.load_begins(record.configuration.id);
  LoadReport report;
  try {
    report = parts_.executor.load(make_load_request(parts_.plan.configurations[configuration], parts_.request));
  } catch (const FatalCudaError&) {
    throw;
  } catch (const std::exception& error) {
    for (const auto& one : work) {
      fail(*one.cell, describe_failure(error));
      finish_cell(*one.cell, 0);
    }
    return false;
  }
  if (!record_.weights_hash.empty() && record_.weights_hash != report.weights_hash)
    throw UsageError(fmt::format("{}: the checkpoint has changed since this run began; start anew with --fresh", parts_.request.model));
  record_.weights_hash = report.weights_hash;
  record.load_s = report.load_s;
  record.weight_bytes = report.weight_bytes;
  record.fallbacks = joined(report.fallbacks, report.emulations);
  record.speed_claimable = why_not_claimable(report, find(record.configuration.speed_baseline));
  for (const auto& one : work) one.cell->key = cell_key(parts_.plan, *one.planned, parts_.request, report.weights_hash);
  parts_.folder.write(record_);
  parts_.reporter.load_ended(record.configuration.id, report.load_s);
  return true;
}

// A warm-up that fails says nothing of its own: the first cell will fail alike, and has a place for the reason.
void Runner::warm_up(const Work& first) {
  GenerationRequest request = make_generation_request(parts_.plan, *first.planned, parts_.request);
  request.steps = std::min(request.steps, kWarmupSteps);
  try {
    parts_.executor.generate(request, [this](auto, auto) { return !is_cancelled(); });
  } catch (const FatalCudaError&) {
    throw;
  } catch (const std::exception&) {
  }
}

void Runner::run_cell(const Work& work) {
  if (is_cancelled()) throw Cancelled{};
  store::Cell& cell = *work.cell;
  parts_.reporter.cell_begins(cell);
  const Stopwatch busy;
  try {
    generate(work);
  } catch (const store::StorageError&) {
    throw;
  } catch (const FatalCudaError& error) {
    fail(cell, fmt::format("crash: {}", error.what()));
    finish_cell(cell, busy.elapsed_s());
    throw;
  } catch (const std::exception& error) {
    fail(cell, describe_failure(error));
  }
  finish_cell(cell, busy.elapsed_s());
}

void Runner::generate(const Work& work) {
  store::Cell& cell = *work.cell;
  GenerationRequest request = make_generation_request(parts_.plan, *work.planned, parts_.request);
  const bool keeps = keeps_trajectory(*work.planned);
  if (keeps) {
    const auto file = trajectory_file(cell);
    std::error_code ignored;  // the engine will say that it cannot write there
    std::filesystem::create_directories(file.parent_path(), ignored);
    request.trajectory_file = file.string();
  }
  const Stopwatch timed;
  GenerationResult result = parts_.executor.generate(request, [this](std::int64_t done, std::int64_t total) {
    parts_.reporter.step(done, total);
    return !is_cancelled();
  });
  cell.elapsed_s = timed.elapsed_s();
  cell.timed = !keeps;
  cell.status = store::CellStatus::done;
  cell.reason.clear();
  cell.stages = std::move(result.stages);
  cell.transformer_forwards = result.transformer_forwards;
  cell.peak_bytes = result.peak_bytes;
  cell.fallbacks = std::move(result.fallbacks);
  cell.nonfinite = result.nonfinite_latents + result.clip.nonfinite_values;
  if (cell.nonfinite > 0) fail(cell, describe_nonfinite(result.nonfinite_latents, result.clip.nonfinite_values));
  clips_.keep(result.clip, cell);
  score(work, result.clip);
}

void Runner::score(const Work& work, const VideoClip& clip) {
  const std::string& prompt = parts_.plan.prompts[work.planned->prompt].text;
  const store::Cell* reference = reference_of(*work.cell);
  if (!reference) {
    work.cell->scores = scoring_.score_alone(clip, prompt);
    return;
  }
  const auto reference_clip = clips_.find(*reference);
  if (!reference_clip) return;
  work.cell->scores =
      scoring_.score({.reference = *reference_clip, .reference_hash = reference->clip_hash, .candidate = clip, .prompt = prompt});
  if (work.planned->teacher_forced) score_teacher_forced(work, *reference);
}

void Runner::score_teacher_forced(const Work& work, const store::Cell& reference) {
  auto& scores = work.cell->scores.scores;
  try {
    const ReplayResult replay = parts_.executor.replay(make_generation_request(parts_.plan, *work.planned, parts_.request),
                                                       trajectory_file(reference).string(), [this](auto, auto) { return !is_cancelled(); });
    for (auto& score : teacher_forced_scores(replay)) scores.push_back(std::move(score));
  } catch (const FatalCudaError&) {
    throw;
  } catch (const std::exception& error) {
    scores.push_back(teacher_forced_failure(describe_failure(error)));
  }
}

// A quality baseline's, where candidates will be driven along it.
bool Runner::keeps_trajectory(const plan::PlannedCell& cell) const {
  const plan::Configuration& configuration = parts_.plan.configurations[cell.configuration].configuration;
  return cell.teacher_forced && configuration.quality_baseline == configuration.id;
}

bool Runner::misses_trajectory(const store::Cell& cell) const {
  const auto planned = std::find_if(parts_.plan.cells.begin(), parts_.plan.cells.end(), [&](const plan::PlannedCell& one) {
    return parts_.plan.configurations[one.configuration].configuration.id == cell.configuration &&
           parts_.plan.prompts[one.prompt].id == cell.prompt && one.seed == cell.seed;
  });
  return planned != parts_.plan.cells.end() && keeps_trajectory(*planned) && !std::filesystem::exists(trajectory_file(cell));
}

std::filesystem::path Runner::trajectory_file(const store::Cell& baseline) const {
  return parts_.folder.path() / "trajectories" / (baseline.key + ".safetensors");
}

const store::ConfigurationRecord* Runner::find(const std::string& configuration) const {
  for (const auto& record : record_.configurations)
    if (record.configuration.id == configuration) return &record;
  return nullptr;
}

// The same prompt and seed of its quality baseline; nothing for a baseline itself.
const store::Cell* Runner::reference_of(const store::Cell& cell) const {
  const std::string& baseline = find(cell.configuration)->configuration.quality_baseline;
  const auto* record = find(baseline);
  if (!record || baseline == cell.configuration) return nullptr;
  for (const auto& candidate : record->cells)
    if (candidate.prompt == cell.prompt && candidate.seed == cell.seed) return &candidate;
  return nullptr;
}

void Runner::finish_cell(store::Cell& cell, double busy_s) {
  parts_.folder.append(cell);
  parts_.reporter.cell_ended(cell, busy_s);
}

}  // namespace wan::run
