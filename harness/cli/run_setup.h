// From settings and options to what a run on one device needs of this machine.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "harness/cli/eval_options.h"
#include "harness/machine/covariates.h"
#include "harness/plan/parse.h"
#include "harness/run/request.h"
#include "harness/run/residents.h"

namespace wan::cli {

// The devices of --device, in the order given. UsageError if they cannot serve one run beside each other.
std::vector<std::string> devices_of(const plan::Settings& settings, const RunOptions& options);

// UsageError without plug-in or driver, or for a device that is not there: better now than after the plan is printed.
run::RunRequest make_request(const plan::Settings& settings, const RunOptions& options, const std::string& device);

// As many sets of weights as half of the memory holds, on a GPU two at the most: what they compute with needs room too. `devices` share
// the host's memory.
run::ResidentLimits resident_limits(const run::RunRequest& request, const RunOptions& options, std::size_t devices);

// Looks at host and GPU while a visit is timed.
std::function<std::function<machine::Covariates()>()> observer(const std::string& device);

run::Residents::Make executor_maker(const RunOptions& options);

}  // namespace wan::cli
