// Which tier files a run reads and which configurations of them it wants. Tier 0 is always read: it holds the baselines that others name.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "harness/plan/fault.h"
#include "harness/plan/layers.h"
#include "harness/plan/link.h"
#include "harness/plan/parse.h"
#include "harness/plan/tier_file.h"

namespace wan::plan {

class Selection {
 public:
  // All three must outlive the selection.
  Selection(const SuitesFolder& folder, const Known& known, Faults& faults);

  // Configurations that a config file defines itself.
  void define(const std::vector<DraftConfiguration>& drafts) { pool_.add(drafts); }
  // Every configuration of these tiers; `at` is where they were asked for.
  void select_tiers(const std::vector<std::string>& names, const Place& at);
  // These configurations, from whatever tier file defines them; a+b stacks. Faults of other tiers' files are not in the way.
  void select_configurations(const std::vector<std::string>& ids, const Place& at);

  const std::vector<std::string>& ids() const { return ids_; }
  // Tiers that were selected, or that define a selected configuration.
  const std::vector<const TierFile*>& tiers() const { return tiers_; }
  ConfigurationPool& pool() { return pool_; }

 private:
  const TierFile& read(const std::filesystem::path& path);
  void index_all();

  const SuitesFolder& folder_;
  const Known& known_;
  Faults& faults_;
  ConfigurationPool pool_;
  std::vector<std::unique_ptr<const TierFile>> files_;
  std::vector<const TierFile*> tiers_;
  std::vector<std::string> ids_;
  std::map<std::string, std::filesystem::path> index_;  // configuration id to the tier file that defines it
};

}  // namespace wan::plan
