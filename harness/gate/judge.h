// The judgement of a whole run: one verdict a configuration, in the run's order. A pure function of the record, so that every verdict can
// be given again from stored files.
#pragma once

#include <string>
#include <vector>

#include "harness/gate/verdict.h"
#include "harness/store/record.h"

namespace wan::gate {

// A configuration that claims speed passes only if speed and the deciding quality gate are held; any other by quality alone.
// Quality baselines and the noise floor are shown, not judged.
std::vector<Verdict> judge(const store::RunRecord& run);

// False of quality baselines, noise floors and what nobody selected: those that others are compared with.
bool is_judged(const store::RunRecord& run, const store::ConfigurationRecord& record);

// Ids of the judged configurations whose speed a complete set of planned blocks leaves inconclusive: those that an extension is for. Asked
// once, when the planned blocks are done and before any other.
std::vector<std::string> open_speeds(const store::RunRecord& run);

}  // namespace wan::gate
