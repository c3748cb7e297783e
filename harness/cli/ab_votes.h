// Votes of blind trials: their files, and what came of them as a table for the terminal.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/gate/human_ab.h"
#include "harness/store/record.h"

namespace wan::cli {

inline constexpr const char* kVotesFolder = "votes";  // in a run's folder: whoever collects votes puts the files there

// Pooled and judged; UsageError for a file that cannot be read or does not fit the run (gate/human_ab.h).
gate::HumanAb judge_vote_files(const store::RunRecord& run, const std::vector<std::filesystem::path>& files, double margin);

// The same of every .json in the folder's votes; nothing without one.
std::optional<gate::HumanAb> judge_collected_votes(const store::RunRecord& run, const std::filesystem::path& folder, double margin);

std::string ab_text(const gate::HumanAb& people);

}  // namespace wan::cli
