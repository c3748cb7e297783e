#include "engine/base/error.h"
#include "harness/plan/layers.h"
#include "harness/plan/link.h"
#include "harness/plan/parse.h"
#include "harness/plan/suite_file.h"
#include "harness/plan/tier_file.h"

namespace wan::plan {

TierConfig load_tier(const std::filesystem::path& path, const Known& known) {
  Faults faults;
  ConfigurationPool pool(known, faults);
  TierFile file = read_tier_file(path, known, faults);
  pool.add(file.drafts);
  const auto base = path.parent_path() / "0.toml";
  if (file.tier.id != "0" && std::filesystem::exists(base)) pool.add(read_tier_file(base, known, faults).drafts);
  for (const DraftConfiguration& draft : file.drafts)
    if (!draft.value.id.empty())
      if (auto linked = pool.linked(draft.value.id, draft.at)) file.tier.configurations.push_back(std::move(*linked));
  faults.throw_if_any();
  return file.tier;
}

Suite load_suite(const std::filesystem::path& path, const Known& known) {
  Faults faults;
  Suite suite = read_suite_file(path, known, faults);
  faults.throw_if_any();
  return suite;
}

std::vector<TierConfig> list_tiers(const std::filesystem::path& suites_dir, const Known& known) {
  const SuitesFolder folder(suites_dir);
  std::vector<TierConfig> tiers;
  for (const std::string& id : folder.ids("tier")) {
    try {
      tiers.push_back(load_tier(folder.path("tier", id), known));
    } catch (const UsageError&) {
      continue;
    }
  }
  return tiers;
}

std::vector<std::string> list_suites(const std::filesystem::path& suites_dir) { return SuitesFolder(suites_dir).ids("suite"); }

}  // namespace wan::plan
