// What becomes of the extension that a run registered: who is timed further, and whether there is time for it. Pure.
#pragma once

#include <span>
#include <string>

#include "harness/plan/run_plan.h"
#include "harness/plan/schedule.h"
#include "harness/store/record.h"

namespace wan::run {

// Why an extension of what is open does not fit into `left_s`, judged by the seconds of the blocks so far; empty if it does, or if nothing
// is known. A part of an extension is no look, so none is begun that would not end.
std::string why_over_budget(const plan::RunPlan& plan, const store::Extension& extension, std::span<const double> block_s, double left_s);

// `first` as it is until an extension is decided and used; then with the blocks of what was open, beside its speed baselines.
plan::Schedule with_extension(const plan::RunPlan& plan, const plan::Schedule& first, const store::Extension& extension);

}  // namespace wan::run
