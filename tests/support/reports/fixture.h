// A hand-built run as reports meet it: references, held, failed, rejected and broken configurations, an infinite PSNR, a hostile prompt.
// Every number comes from a formula in the .cpp, so that goldens never move by themselves.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "reports/section.h"

namespace wan::reports::testing {

struct Fixture {
  store::RunRecord run;
  std::vector<gate::Verdict> verdicts;
  std::filesystem::path run_dir = {};
  Dataset data() const { return {.run = run, .verdicts = verdicts, .run_dir = run_dir}; }
};

inline constexpr const char* kHostilePrompt = "</td></table><script>alert('x')</script> & \"quotes\" `ticks` | pipe ]]> <!-- \x1b[31m \xff";

// Tier 2 on the CPU: bf16, bf16_twin, phase0 (bit-equal), fp8_ffn (failed), fp8_full (rejected), int8_linear (held), tier2_all (a crash).
Fixture tier2_run();

// A record as it is before anything ran.
Fixture empty_run();

// One configuration whose only clip failed, never judged.
Fixture crashed_run();

// A path of the running test alone, not created: tests run beside each other.
std::filesystem::path own_folder();

// Writes the clips that `bf16`, `bf16_twin` and `fp8_full` have of the hardest prompt, clockwork, below `folder` and names them in the
// record.
void keep_clips(Fixture& fixture, const std::filesystem::path& folder);

}  // namespace wan::reports::testing
