// What every format says of a run, drawn once from record and verdicts, so that table, Markdown, CSV and page never disagree.
// Pure functions; nothing here judges: outcomes and bounds are the gate's.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/gate/quality_gate.h"
#include "reports/section.h"

namespace wan::reports {

// The scores that every table shows, by the gate's own names.
using gate::kLpips;
using gate::kMse;
using gate::kPsnr;
using gate::kSsim;

struct ConfigurationSummary {
  const store::ConfigurationRecord* record = nullptr;
  const gate::Verdict* verdict = nullptr;  // nullptr: not judged
  bool reference = false;                  // others are judged against it, so it is no candidate
  std::string kind = {};                   // exact, equivalent, lossy, reference
  std::string speed = {};                  // "1.42×", or the word that says why there is none
  std::optional<double> psnr_db = {}, ssim = {}, lpips = {};
  std::optional<double> adherence = {};    // share of the clips that show what their prompt says, where that can be told
  std::optional<double> floor_ratio = {};  // LPIPS over the twin's on the same prompts and seeds
  std::string reason = {};                 // why the outcome is what it is
  gate::Outcome overall = gate::Outcome::not_measured;
  std::size_t clips_done = 0, clips = 0;
  const std::string& id() const { return record->configuration.id; }
};

inline constexpr const char* kAdherence = "adherence.world";

// In the order of the record.
std::vector<ConfigurationSummary> summarize(const Dataset& data);

// Whether any clip could be held against its prompt; else the tables have no column for it.
bool tells_adherence(const std::vector<ConfigurationSummary>& configurations);

struct RunSummary {
  gate::Outcome overall = gate::Outcome::not_measured;  // the gravest among the candidates
  std::string sentence;                                 // for somebody who reads nothing else
  std::vector<std::string> notes;                       // speed not claimed, run interrupted, ...: one sentence each
};
RunSummary summarize_run(const Dataset& data, const std::vector<ConfigurationSummary>& configurations);

// The suite's figure as the gate pools it (PSNR over the mean squared error); nullopt without a clip that has the score.
std::optional<double> suite_score(const store::ConfigurationRecord& record, const std::string& metric);
// Mean of candidate over mean of floor on the clips (prompt and seed) that both have; nullopt without a common clip or with a zero floor.
// `complement` takes 1 - value, so that a likeness becomes a distance.
std::optional<double> paired_ratio(const store::ConfigurationRecord& candidate, const store::ConfigurationRecord& floor,
                                   const std::string& metric, bool complement);

// The equally valid run whose distance from the quality baseline is this configuration's noise floor; nullptr if it is not in the run.
const store::ConfigurationRecord* noise_floor_of(const store::RunRecord& run, const store::ConfigurationRecord& record);
// Every noise floor that some configuration of the run names and the run holds, in the run's order.
std::vector<const store::ConfigurationRecord*> noise_floors(const store::RunRecord& run);

const store::Cell* find_cell(const store::ConfigurationRecord& record, const std::string& prompt, std::uint64_t seed);
const gate::GateResult& deciding_gate(const gate::Verdict& verdict);
// The clip's value of a score; nullopt where the metric failed or is absent.
std::optional<double> score_of(const store::Cell& cell, const std::string& metric);

// What was run, in few words: tier, model, device, clips.
std::string run_title(const store::RunRecord& run);
std::string run_size(const store::RunRecord& run);

}  // namespace wan::reports
