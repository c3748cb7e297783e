// What a run says of the roadmap's claims: claimed range, measured value with its interval, and the outcome. Shown beside the verdicts;
// it decides no exit status. Pure.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "harness/gate/verdict.h"
#include "harness/plan/claims.h"
#include "harness/store/record.h"

namespace wan::gate {

struct ClaimEvidence {
  plan::Claim claim;
  bool in_run = false;      // its configuration is part of the run
  Criterion measured = {};  // value, interval of 95 % as `low` and `high`, outcome and reason; `bound` is the least that is promised
};

// In the order of the claims. held: the whole interval reaches what is promised at least; failed: none of it does.
std::vector<ClaimEvidence> weigh_claims(const store::RunRecord& run, std::span<const Verdict> verdicts,
                                        std::span<const plan::Claim> claims);

}  // namespace wan::gate
