// Which visits of a run may be trusted, and how long a clip took in each.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "harness/store/record.h"

namespace wan::gate {

// The visit that counts of a configuration in each block.
std::map<std::int64_t, const store::Visit*> visits_of(const store::RunRecord& run, const std::string& id);

inline constexpr std::int64_t kEveryBlock = std::numeric_limits<std::int64_t>::max();

// By block: why its times count for nothing, whoever's visit it was. What a clock should be is what the visits before block `end` say:
// later ones change nothing of what was seen until then.
std::map<std::int64_t, std::string> void_blocks(const store::RunRecord& run, std::int64_t end = kEveryBlock);

// Seconds a clip, the median of each visit that is not void, in the order of the blocks.
std::vector<double> valid_clip_s(const store::RunRecord& run, const std::string& id);

}  // namespace wan::gate
