// What production recorded, as the clips of one configuration.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "harness/rollout/production.h"
#include "harness/rollout/rollout.h"

namespace wan::cli {

// Each path is a run's folder, its exported JSON, or a file of scores as `wan-eval metrics --json` writes it, which counts as one clip of a
// prompt of its own. UsageError if one cannot be read or is of another configuration, model, machine class or shape than the rollout, or if
// there is no clip; store::TamperError if a run is not what was written. Of scores alone nobody knows where they come from: they are
// believed.
rollout::Samples read_samples(std::span<const std::filesystem::path> paths, const rollout::Subject& subject);

// One path a line, relative to the list's folder; blank lines and those that begin with # are none. UsageError if it cannot be read.
std::vector<std::filesystem::path> read_sample_list(const std::filesystem::path& list);

}  // namespace wan::cli
