// Hand-made records: a run of `bf16`, `bf16_twin`, `phase0` and one candidate `fast` over a few prompts, everything well by default.
#pragma once

#include <string>
#include <vector>

#include "harness/store/record.h"

namespace wan::testing {

struct Figures {
  double ssim = 0.97, lpips = 0.03, psnr_db = 33, mse = 30;
};

// One finished, timed clip with the scores that the gates read and two quiet detectors.
store::Cell scored_cell(const std::string& configuration, const std::string& prompt, const Figures& figures, double elapsed_s = 1.0);

// Six prompts, one seed. The twin's figures are the noise floor; `fast` claims speed over phase0 and takes half its time.
store::RunRecord good_run();

store::ConfigurationRecord& configuration(store::RunRecord& run, const std::string& id);
store::ConfigurationRecord& candidate(store::RunRecord& run);

// One visit a block and configuration, as long as the cells say: a record made by hand has none before it is called.
void visit_as_timed(store::RunRecord& run);
// Makes of the visits' clips three timed steps of each expert that predict a loop as long: of ten steps, six by the high-noise expert.
void visit_by_steps(store::RunRecord& run);
std::vector<store::Visit*> visits(store::RunRecord& run, const std::string& id);

// Sets one score of every cell of a configuration.
void set_score(store::ConfigurationRecord& record, const std::string& metric, double value);
metrics::Score& score(store::Cell& cell, const std::string& metric);

// Marks a cell failed and takes its scores and time away.
void fail(store::Cell& cell, const std::string& reason);

}  // namespace wan::testing
