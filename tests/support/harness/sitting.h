// One sitting of a run, in a process of its own: begins the run or goes on with it through real workers of the null model, on a virtual
// clock, until it is finished or something ends the process. What happens is counted in moments (a request, a step, a look at the clock, a
// line for the person), so that a disturbance comes at the same place whenever it is repeated.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "harness/plan/run_plan.h"
#include "harness/plan/schedule.h"
#include "harness/run/request.h"

namespace wan::testing {

struct Disturbance {
  enum class Kind {
    kill_harness,        // kill -9 of the sitting
    kill_while_writing,  // kill of the sitting when a file has reached `bytes`: what stands there is torn
    full_disk,           // no file grows beyond `bytes`
    kill_worker,         // kill -9 before the next request
    kill_busy_worker,    // kill -9 while it works
    hang_worker,         // it stops, and says nothing until it is killed
    kill_loading_worker,
  };
  Kind kind = Kind::kill_harness;
  static constexpr std::size_t kKinds = 7;
  std::size_t moment = 0;
  std::size_t bytes = 0;
};
const char* to_string(Disturbance::Kind kind);
bool is_of_a_worker(Disturbance::Kind kind);

// In memory that the sitting and who started it share.
struct SittingNotes {
  static constexpr std::size_t kMostCells = 64;
  std::size_t moments = 0;
  std::array<std::size_t, Disturbance::kKinds> happened = {};  // by kind; a limit of bytes may be reached or not
  std::array<bool, kMostCells> given = {};                     // by cell of the plan: a worker gave its clip in this sitting
};

enum class SittingEnd { finished, killed, full_disk, broken };

struct Sitting {
  const plan::RunPlan& plan;
  const plan::Schedule& schedule;
  const run::RunRequest& request;
  std::filesystem::path root;                  // of runs; what is said goes to a file beside it
  std::string worker_program;                  // wan-eval
  std::int64_t wall_clock_ahead_s = 0;         // what it believes the time to be
  double clock_s = 0;                          // where its monotonic clock begins: any machine's starts at its own place
  std::vector<Disturbance> disturbances = {};  // in the order of moments
};

// Forks; the caller must have no threads. A clip takes a time that is a function of configuration and prompt alone, exact in binary.
SittingEnd sit(const Sitting& sitting, SittingNotes& shared);

}  // namespace wan::testing
