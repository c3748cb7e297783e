// The formats of a result: each a pure function of record and verdicts. JSON is the record itself (harness/store).
#pragma once

#include <string>

#include "reports/section.h"

namespace wan::reports {

// One self-contained page: no script, no request to anywhere.
std::string render_html(const Dataset& data);

// For a pull request or a CI summary: verdict and table first, the rest folded away. Never longer than kMostMarkdownBytes: what is folded
// away goes first, then rows of the table, and a sentence says that something is missing.
std::string render_markdown(const Dataset& data);

// GitHub refuses a step whose summary is over 1 MiB; the rest is for what else the step says.
inline constexpr std::size_t kMostMarkdownBytes = 1'000'000;

// One testsuite a tier, one testcase a configuration and gate. A gate that does not decide is never a failure, so that the file agrees with
// the exit status; what it found stands in the message.
std::string render_junit(const Dataset& data);

// One row a clip and score (RFC 4180); a clip without scores has one row with empty score columns.
std::string render_csv(const Dataset& data);

// For the terminal. Too wide a table loses its least important columns first.
struct TableStyle {
  bool color = false;
  bool unicode = true;
  std::size_t width = 120;
};
std::string render_table(const Dataset& data, const TableStyle& style = {});

}  // namespace wan::reports
