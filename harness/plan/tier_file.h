// One tier file as it stands, before the configurations that it names elsewhere are looked up (link.h does that).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/plan/document.h"
#include "harness/plan/fault.h"
#include "harness/plan/parse.h"
#include "harness/plan/reader.h"
#include "harness/plan/tier.h"

namespace wan::plan {

inline constexpr std::int64_t kFileSchema = 1;

// A configuration whose list is still its own part only, with the places that faults found later point at.
struct DraftConfiguration {
  Configuration value;
  std::string base = {};  // configuration whose list comes first; empty: none
  Place at, base_at, list_at, speed_baseline_at, quality_baseline_at, noise_floor_at;
};

struct TierFile {
  TierConfig tier;  // without configurations
  std::vector<DraftConfiguration> drafts = {};
  Node document = {};
};

TierFile read_tier_file(const std::filesystem::path& path, const Known& known, Faults& faults);

// The `[[configuration]]` tables of a tier or config file; `prototype` holds the file's defaults.
std::vector<DraftConfiguration> read_configurations(TableReader& file, const DraftConfiguration& prototype, const Known& known,
                                                    Faults& faults);

// A fault unless `schema = 1` stands in the table.
void check_schema(TableReader& file, Faults& faults);
// A fault unless the id is that of the file's name, by which others refer to it.
void check_file_id(const std::string& id, const Node& document, const std::filesystem::path& path, Faults& faults);

}  // namespace wan::plan
