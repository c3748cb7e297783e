// A run and its verdicts as one JSON object: the record of harness/store with a member `verdicts` and, where there are any, `claims`,
// `costs` and `human_ab`.
#pragma once

#include <span>
#include <string>

#include "harness/gate/claim_evidence.h"
#include "harness/gate/clip_cost.h"
#include "harness/gate/human_ab.h"
#include "harness/gate/verdict.h"
#include "harness/store/record.h"

namespace wan::cli {

// A figure that is absent has no key; infinity is "inf".
std::string to_json(std::span<const gate::Verdict> verdicts);
std::string to_json(const gate::GateResult& gate);
std::string to_json(const store::RunRecord& run, std::span<const gate::Verdict> verdicts, std::span<const gate::ClaimEvidence> claims = {},
                    std::span<const gate::ClipCost> costs = {}, const gate::HumanAb* people = nullptr);

}  // namespace wan::cli
