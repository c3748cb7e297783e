// Results for machines and people. Machine formats go where they were sent. The table for people goes to stdout, unless a machine format
// has taken stdout; then it goes to stderr. Everything else that a person reads (progress, warnings) is on stderr.
#pragma once

#include <filesystem>
#include <vector>

#include "harness/cli/eval_options.h"
#include "reports/section.h"

namespace wan::cli {

// Faults that would only show at the end of a run, found before it: folders of output files that are not there. UsageError.
void check_output_paths(const OutputOptions& outputs);

// Of suites/claims.toml; none where somebody's own suites folder has no such file. UsageError.
std::vector<plan::Claim> shipped_claims();

// result.json, report.html, report.md, junit.xml and scores.csv in the run's folder. StorageError.
void write_reports(const reports::Dataset& data, const std::filesystem::path& folder);

// The formats that flags asked for.
void write_outputs(const reports::Dataset& data, const OutputOptions& outputs);

// The verdict table. Colour follows --color; `auto` colours a terminal unless NO_COLOR is set.
void print_table(const reports::Dataset& data, const OutputOptions& outputs);

// Columns of the terminal behind a descriptor; 0 if it is none.
std::size_t terminal_width(int descriptor);

}  // namespace wan::cli
