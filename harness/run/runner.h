// Walks a plan over an executor: loads each configuration once, makes its clips, keeps and scores them, and stores every cell as soon as it
// is finished. One failed clip or load is a record with a reason, never the end of the run.
//
// Warm-up: before the first timed clip of a load, one untimed generation of two steps (two, so that both experts of a model that has two
// are touched), with the first cell's prompt. Timed is the executor's `generate` alone: request in, clip out. Storing, scoring and
// teacher-forced replays come after it; the clip of a baseline that keeps its trajectory is not timed.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>

#include "harness/plan/run_plan.h"
#include "harness/run/clip_keeper.h"
#include "harness/run/executor.h"
#include "harness/run/reporter.h"
#include "harness/run/request.h"
#include "harness/run/scoring.h"
#include "harness/store/result_store.h"

namespace wan::run {

inline constexpr std::int64_t kWarmupSteps = 2;

enum class RunEnd {
  finished,   // every cell has an outcome
  cancelled,  // a person or a signal stopped it; resumable
  lost,       // the device's context is lost; resumable by a new process
};

struct RunOutcome {
  store::RunRecord record;
  RunEnd end = RunEnd::finished;
  std::string reason = {};  // of an end that is not `finished`
};

class Runner {
 public:
  struct Parts {
    const plan::RunPlan& plan;
    const RunRequest& request;
    Executor& executor;
    store::RunFolder& folder;  // just made, or resumed
    Reporter& reporter;
    std::function<bool()> cancelled = {};  // asked before each cell and at each denoising step
  };

  explicit Runner(Parts parts);

  // Throws StorageError if the disk does not take a cell (those before it are safe), and UsageError if a resumed run's checkpoint has
  // changed.
  RunOutcome run();

 private:
  struct Work {
    const plan::PlannedCell* planned;
    store::Cell* cell;
  };
  void adopt_earlier_visit();
  std::vector<Work> work_of(std::size_t configuration);
  void run_configuration(std::size_t configuration);
  bool load(std::size_t configuration, const std::vector<Work>& work);
  void warm_up(const Work& first);
  void run_cell(const Work& work);
  void generate(const Work& work);
  void score(const Work& work, const VideoClip& clip);
  void score_teacher_forced(const Work& work, const store::Cell& reference);
  bool keeps_trajectory(const plan::PlannedCell& cell) const;
  bool misses_trajectory(const store::Cell& cell) const;
  std::filesystem::path trajectory_file(const store::Cell& baseline) const;
  void finish_cell(store::Cell& cell, double busy_s);
  bool is_cancelled() const { return parts_.cancelled && parts_.cancelled(); }
  const store::ConfigurationRecord* find(const std::string& configuration) const;
  const store::Cell* reference_of(const store::Cell& cell) const;

  Parts parts_;
  store::RunRecord record_;
  ClipKeeper clips_;
  Scoring scoring_;
  double earlier_s_ = 0;
};

}  // namespace wan::run
