// Walks a schedule over executors: visits one configuration after the other, makes its clips, keeps and scores them, and stores every cell
// and visit as soon as it is finished. One failed clip or load is a record with a reason, never the end of the run; what was lost with a
// worker is tried again first.
//
// Warm-up: after each load one untimed generation of three steps, with the visit's first prompt. Of two steps both would be the high-noise
// expert's at the A14B's shift of 12 (sigma 0.92 over the boundary of 0.875), and the other expert's first step would be timed cold. Timed
// is the executor's `generate` alone: request in, clip out. Storing, scoring and teacher-forced replays come after it. A clip that is made
// again, because there are more blocks than clips or because a cut-off block is repeated, is timed and must be the clip that was scored.
//
// Where the schedule says steps_a_visit, visits time denoising steps instead, of one and the same request in every visit of a
// configuration, and must end with the same latents each time. That comes before the visit's clips, which are made once: so what precedes
// the steps is the same in every visit, whatever clips are still to come.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "harness/plan/run_plan.h"
#include "harness/plan/schedule.h"
#include "harness/run/clip_keeper.h"
#include "harness/run/executor.h"
#include "harness/run/reporter.h"
#include "harness/run/request.h"
#include "harness/run/residents.h"
#include "harness/run/settlement.h"
#include "harness/store/result_store.h"

namespace wan::run {

inline constexpr std::int64_t kWarmupSteps = 3;
inline constexpr int kRetries = 2;  // of what a lost worker or device left; never of a configuration's own faults

enum class RunEnd {
  finished,     // every cell has an outcome and every block its visits
  cancelled,    // a person or a signal stopped it; resumable
  lost,         // the device's context is lost; resumable by a new process
  over_budget,  // the time is used up; resumable
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
    const plan::Schedule& schedule;
    const RunRequest& request;
    Residents::Make make_executor;
    ResidentLimits residents;
    store::RunFolder& folder;  // just made, or resumed
    Reporter& reporter;
    std::function<bool()> cancelled = {};  // asked before each cell and at each denoising step
    std::function<double()> now_s = {};    // monotonic seconds; empty: the machine's clock
    // Begins to look at the machine; what it returns ends that and says what was seen. Empty: nobody looks.
    std::function<std::function<machine::Covariates()>()> observe = {};
    double budget_s = 0;  // stop before a block that would end later; 0: none
    // Ids of the configurations whose speed the planned blocks leave open. Empty: nobody asks, and a registered extension is not used.
    std::function<std::vector<std::string>(const store::RunRecord&)> open_speeds = {};
  };

  explicit Runner(Parts parts);

  // Throws StorageError if the disk does not take a cell (those before it are safe), and UsageError if a resumed run's checkpoint has
  // changed.
  RunOutcome run();

 private:
  using CellIndex = Settlement::CellIndex;

  void adopt_earlier_sitting();
  bool is_finished(const plan::Visit& visit) const;
  bool is_of_two_sittings(std::size_t block) const;
  void stop_if_over_budget(std::size_t block);
  void decide_extension();
  void run_block(std::size_t block);
  void run_visit(std::size_t position);
  bool open(std::size_t configuration, CellIndex first, store::Visit& visit);
  bool load(std::size_t configuration, store::Visit& visit);
  void warm_up(std::size_t configuration, CellIndex first);
  void run_cell(CellIndex index, store::Visit& visit);
  void run_again(const plan::Visit& planned, store::Visit& visit);
  void run_clips(const plan::Visit& planned);
  void time_steps(std::size_t configuration, store::Visit& visit);
  void time_steps_once(CellIndex index, store::Visit& visit);
  const store::TimedSteps* steps_on_record(const store::Visit& visit) const;
  void generate(CellIndex index, store::Visit& visit);
  void generate_again(CellIndex index, store::Visit& visit);
  GenerationResult ask(CellIndex index, const std::string& trajectory_file = {});
  void settle_the_rest();
  void keep_trajectory(CellIndex index);
  void drive_along(CellIndex index);
  void append(CellIndex index) { parts_.folder.append(*cells_[index]); }
  void fail_cell(CellIndex index, std::string reason, std::vector<std::string> log_tail = {});
  template <typename Work, typename Failed>
  void attempt(Work work, Failed failed);
  template <typename Work, typename Failed>
  bool attempt_again(CellIndex index, Work work, Failed failed);
  bool is_cancelled() const { return parts_.cancelled && parts_.cancelled(); }
  void check_cancelled() const;
  std::size_t configuration_of(CellIndex index) const { return parts_.plan.cells[index].configuration; }
  std::size_t next_use(std::size_t configuration) const;
  const store::ConfigurationRecord* find(const std::string& configuration) const;

  Parts parts_;
  store::RunRecord record_;
  plan::Schedule schedule_;          // with the extension, once it is decided
  std::vector<store::Cell*> cells_;  // as RunPlan::cells
  std::vector<CellIndex> timed_;     // by configuration: whose steps are timed
  ClipKeeper clips_;
  Settlement settlement_;
  Residents residents_;
  std::map<std::size_t, LoadReport> loads_;          // by configuration, the latest
  std::map<std::size_t, std::string> failed_loads_;  // by configuration: why
  std::size_t position_ = 0;                         // of the visit that runs
  bool outlives_faults_ = false;                     // as the executors say
  double start_s_ = 0, earlier_s_ = 0;
  std::vector<double> block_s_;  // of this sitting
};

}  // namespace wan::run
