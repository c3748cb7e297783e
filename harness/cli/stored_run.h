// A stored run as the sub-commands take it: read, and every seal and every kept clip checked.
#pragma once

#include <filesystem>
#include <set>
#include <span>
#include <string>

#include "harness/gate/verdict.h"
#include "harness/store/record.h"

namespace wan::cli {

struct StoredRun {
  store::RunRecord record;
  std::filesystem::path folder;  // empty: it came from an exported file, which has no clips
};

// A run's folder, or its exported JSON. UsageError if it cannot be read, store::TamperError if it is not what the run wrote.
StoredRun read_stored_run(const std::filesystem::path& path);

// The clips whose frames a report shows, relative to the folder: what stays of a finished run.
std::set<std::string> shown_clips(const store::RunRecord& run, std::span<const gate::Verdict> verdicts,
                                  const std::filesystem::path& folder);

}  // namespace wan::cli
