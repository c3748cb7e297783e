// What earlier runs cost, for predictions and shards: from complete, undisturbed, whole runs of the same model, device and shape.
#pragma once

#include <filesystem>

#include "harness/plan/run_plan.h"
#include "harness/store/record.h"

namespace wan::run {

// Seconds by configuration, from the latest runs below `root` that match `planned`; scoring and storing are counted in. Folders that cannot
// be read are passed over.
plan::Costs recorded_costs(const std::filesystem::path& root, const store::RunRecord& planned);

}  // namespace wan::run
