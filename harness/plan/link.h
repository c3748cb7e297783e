// Configurations that refer to each other across files - bases, baselines, stacks - become complete ones.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "harness/plan/fault.h"
#include "harness/plan/parse.h"
#include "harness/plan/tier_file.h"

namespace wan::plan {

class ConfigurationPool {
 public:
  // Both must outlive the pool.
  ConfigurationPool(const Known& known, Faults& faults) : known_(known), faults_(faults) {}

  // A fault for every id that the pool has already. Drafts without an id (a fault already) are passed over.
  void add(const std::vector<DraftConfiguration>& drafts);
  bool contains(const std::string& id) const { return drafts_.contains(id); }
  std::vector<std::string> ids() const;

  // The configuration with its base's optimisations first, its references checked. `id` may be a stack `a+b`; then `at` is where it was
  // asked for. Nothing if something is wrong, which is a fault by then.
  std::optional<Configuration> linked(const std::string& id, const Place& at);

 private:
  std::vector<OptimizationChoice> optimizations_of(const DraftConfiguration& draft);
  void check_references(const DraftConfiguration& draft);
  std::optional<Configuration> linked_one(const std::string& id, const Place& at);

  const Known& known_;
  Faults& faults_;
  std::map<std::string, DraftConfiguration> drafts_;
  std::set<std::string> open_;  // bases being followed, to find circles
};

// "a+b" as {"a", "b"}.
std::vector<std::string> split_stack(const std::string& id);

}  // namespace wan::plan
