// The exit status of wan-eval, the same for `run` and `gate`.
#pragma once

#include <span>
#include <string>

#include "harness/gate/human_ab.h"
#include "harness/gate/verdict.h"

namespace wan::cli {

enum class ExitStatus : int {
  held = 0,          // all gates held
  failed = 1,        // a gate failed or rejected
  usage = 2,         // usage or config error
  invalid = 3,       // measurement invalid, or infrastructure: disk, device
  inconclusive = 4,  // undecided, or not measured
  nothing = 5,       // nothing selected, nothing to judge, or no baseline to judge against
  interrupted = 130  // by a person or a signal; resumable
};

// A certain failure outweighs data that are missing; verdicts that are not judged count for nothing.
ExitStatus exit_status(std::span<const gate::Verdict> verdicts);
// Together with what people preferred: the graver of the two; votes without one answer are inconclusive.
ExitStatus exit_status(std::span<const gate::Verdict> verdicts, const gate::HumanAb& people);

}  // namespace wan::cli
