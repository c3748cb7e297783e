// The contract of a section of the HTML report: one file a section in reports/sections, which defines `extern const Section <id>`.
// A section is a pure function of records and verdicts; without data it renders one sentence that says so.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "harness/gate/clip_cost.h"
#include "harness/gate/human_ab.h"
#include "harness/gate/verdict.h"
#include "harness/history/history.h"
#include "harness/plan/claims.h"
#include "harness/store/record.h"

namespace wan::reports {

// Everything a report may look at, read-only.
struct Dataset {
  const store::RunRecord& run;
  std::span<const gate::Verdict> verdicts;
  std::filesystem::path run_dir;  // clips of the run, where kept; empty if unknown
  std::span<const plan::Claim> claims = {};
  gate::CostBasis cost = {};
  const history::History* history = nullptr;  // of the store that the run stands in; nullptr: nobody asked
  const gate::HumanAb* people = nullptr;      // their votes, judged; nullptr: none were read
};

class Page;  // reports/page.h

struct Section {
  std::string id;
  std::string title;
  int order = 0;  // ascending
  void (*render)(const Dataset& data, Page& page);
};

// Sorted by id; generated from reports/sections.
std::span<const Section* const> catalogue();

}  // namespace wan::reports
