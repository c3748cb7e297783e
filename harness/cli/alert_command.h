// The command of a person that is told of an alert.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace wan::cli {

using EnvironmentVariables = std::vector<std::pair<std::string, std::string>>;

// Runs `command` by the shell with the variables added to the environment, and waits for at most `limit_s`, then kills it with all that it
// started. Its stdout goes to our stderr, since ours may be a machine format. Returns what went wrong, empty if it exited with 0; throws
// nothing: an alert that reached nobody must not undo what was done.
std::string run_alert_command(const std::string& command, const EnvironmentVariables& variables, double limit_s = 300);

}  // namespace wan::cli
