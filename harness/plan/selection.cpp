#include "harness/plan/selection.h"

#include <algorithm>

namespace wan::plan {
namespace {

constexpr const char* kBaseTier = "0";

}  // namespace

Selection::Selection(const SuitesFolder& folder, const Known& known, Faults& faults)
    : folder_(folder), known_(known), faults_(faults), pool_(known, faults) {
  read(folder_.path("tier", kBaseTier));
}

const TierFile& Selection::read(const std::filesystem::path& path) {
  const auto same = [&](const auto& file) {
    return std::filesystem::weakly_canonical(file->tier.source) == std::filesystem::weakly_canonical(path);
  };
  const auto there = std::find_if(files_.begin(), files_.end(), same);
  if (there != files_.end()) return **there;
  files_.push_back(std::make_unique<const TierFile>(read_tier_file(path, known_, faults_)));
  pool_.add(files_.back()->drafts);
  return *files_.back();
}

void Selection::select_tiers(const std::vector<std::string>& names, const Place& at) {
  for (const std::string& name : names) {
    const auto path = folder_.find("tier", name, at, faults_);
    if (path.empty()) continue;
    const TierFile& file = read(path);
    if (std::find(tiers_.begin(), tiers_.end(), &file) != tiers_.end()) continue;
    tiers_.push_back(&file);
    for (const DraftConfiguration& draft : file.drafts)
      if (!draft.value.id.empty()) ids_.push_back(draft.value.id);
  }
}

void Selection::index_all() {
  if (!index_.empty()) return;
  for (const std::string& tier : folder_.ids("tier")) {
    Faults ignored;
    const auto path = folder_.path("tier", tier);
    for (const DraftConfiguration& draft : read_tier_file(path, known_, ignored).drafts) index_.emplace(draft.value.id, path);
  }
}

void Selection::select_configurations(const std::vector<std::string>& ids, const Place& at) {
  index_all();
  for (const std::string& id : ids) {
    bool all_found = true;
    for (const std::string& part : split_stack(id)) {
      if (const auto owner = index_.find(part); owner != index_.end()) {
        const TierFile& file = read(owner->second);
        if (std::find(tiers_.begin(), tiers_.end(), &file) == tiers_.end()) tiers_.push_back(&file);
      } else if (!pool_.contains(part)) {
        std::vector<std::string> there = pool_.ids();
        for (const auto& [other, path] : index_) there.push_back(other);
        std::sort(there.begin(), there.end());
        there.erase(std::unique(there.begin(), there.end()), there.end());
        faults_.add(at, unknown_word("configuration", part, there));
        all_found = false;
      }
    }
    if (all_found && std::find(ids_.begin(), ids_.end(), id) == ids_.end()) ids_.push_back(id);
  }
}

}  // namespace wan::plan
