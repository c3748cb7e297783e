#include "harness/store/merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "engine/base/error.h"
#include "harness/plan/shard.h"
#include "harness/store/seal.h"

namespace wan::store {
namespace {

constexpr std::size_t kNamedCells = 5;

using ClipId = std::pair<std::string, std::uint64_t>;  // prompt, seed

struct Sameness {
  const char* what;
  std::string (*value)(const RunRecord&);
  const char* advice;
};

std::string count_of(const RunRecord& run) { return std::to_string(plan::parse_shard(run.shard).count); }

// In the order in which a difference explains most.
const Sameness kSame[] = {
    {"record schema", [](const RunRecord& run) { return std::to_string(run.schema); }, "use one wan-eval for all shards"},
    {"build", [](const RunRecord& run) { return run.environment.build_id; }, "all shards must be made by the same binary"},
    {"class of machine", [](const RunRecord& run) { return run.device_class; }, "times and rounding of different machines do not compare"},
    {"weights", [](const RunRecord& run) { return run.weights_hash; }, "the checkpoint must be the same"},
    {"request", [](const RunRecord& run) { return run.plan_hash; }, "configurations, prompts, seeds, shape and metrics must be the same"},
    {"number of shards", count_of, "the division depends on it"},
};

void check_same(std::span<const MergePart> parts) {
  for (const auto& part : parts)
    if (part.record.shard.empty())
      throw UsageError(fmt::format("{}: is no shard but a whole run; merge joins what --shard made", part.name));
  for (const auto& same : kSame) {
    const MergePart* first = nullptr;  // a shard that never loaded knows no weights
    for (const auto& part : parts) {
      const std::string value = same.value(part.record);
      if (value.empty()) continue;
      if (!first) first = &part;
      if (const std::string known = same.value(first->record); known != value)
        throw UsageError(
            fmt::format("{} and {} are of different {}: {} and {}; {}", first->name, part.name, same.what, known, value, same.advice));
    }
  }
}

ClipId parse_clip(const std::string& text, const std::string& name) {
  const auto blank = text.rfind(' ');
  std::uint64_t seed = 0;
  const char* end = text.data() + text.size();
  if (blank == std::string::npos || std::from_chars(text.data() + blank + 1, end, seed).ptr != end)
    throw UsageError(fmt::format("{}: \"{}\" is no prompt and seed", name, text));
  return {text.substr(0, blank), seed};
}

// Cells stand in a plan by prompt, then by seed.
std::vector<ClipId> planned_clips(const RunRecord& run, const ConfigurationRecord& configuration, const std::string& name) {
  std::map<std::string, std::size_t> prompts;
  std::map<std::uint64_t, std::size_t> seeds;
  for (std::size_t i = 0; i < run.prompts.size(); ++i) prompts.emplace(run.prompts[i].id, i);
  for (std::size_t i = 0; i < run.seeds.size(); ++i) seeds.emplace(run.seeds[i], i);
  std::vector<ClipId> clips;
  for (const auto& cell : configuration.cells) clips.emplace_back(cell.prompt, cell.seed);
  for (const auto& text : configuration.elsewhere) clips.push_back(parse_clip(text, name));
  const auto place = [&](const ClipId& clip) { return std::pair(prompts[clip.first], seeds[clip.second]); };
  std::sort(clips.begin(), clips.end(), [&](const ClipId& a, const ClipId& b) { return place(a) < place(b); });
  return clips;
}

// Facts of a load, over the shards' loads of one configuration.
void add_load(ConfigurationRecord& merged, const ConfigurationRecord& other) {
  merged.load_s = std::max(merged.load_s, other.load_s);
  merged.weight_bytes = std::max(merged.weight_bytes, other.weight_bytes);
  if (merged.speed_claimable.empty()) merged.speed_claimable = other.speed_claimable;
  for (const auto& fallback : other.fallbacks)
    if (std::find(merged.fallbacks.begin(), merged.fallbacks.end(), fallback) == merged.fallbacks.end())
      merged.fallbacks.push_back(fallback);
}

class Merging {
 public:
  Merging(std::span<const MergePart> parts, Missing missing) : parts_(parts), missing_(missing), merged_(parts.front().record) {}

  RunRecord merge() {
    for (std::size_t i = 0; i < merged_.configurations.size(); ++i) merge_configuration(i);
    if (!absent_.empty() && missing_ == Missing::refused) refuse_absent();
    merged_.shard.clear();
    merged_.complete = absent_.empty();
    join_blocks();
    for (const auto& part : parts_.subspan(1)) add_run(part.record);
    // Whoever resumes it has blocks of its own: halves of two sittings are no pair.
    if (!merged_.complete) merged_.visits.clear();
    return std::move(merged_);
  }

 private:
  void merge_configuration(std::size_t index) {
    const ConfigurationRecord& first = parts_.front().record.configurations[index];
    ConfigurationRecord& merged = merged_.configurations[index];
    std::map<ClipId, std::pair<const Cell*, const MergePart*>> cells;
    for (const auto& part : parts_) {
      for (const auto& cell : part.record.configurations.at(index).cells) {
        const auto [there, is_new] = cells.emplace(ClipId{cell.prompt, cell.seed}, std::pair(&cell, &part));
        if (!is_new)
          throw UsageError(fmt::format("{} and {} overlap: both hold {}; give each shard once, and of one division",
                                       there->second.second->name, part.name, describe(cell)));
      }
      if (&part != &parts_.front()) add_load(merged, part.record.configurations[index]);
    }
    merged.cells.clear();
    merged.elsewhere.clear();
    for (const auto& clip : planned_clips(parts_.front().record, first, parts_.front().name)) {
      const auto found = cells.find(clip);
      merged.cells.push_back(found == cells.end() ? lacking(first.configuration.id, clip) : *found->second.first);
      if (merged.cells.back().status == CellStatus::interrupted) absent_.push_back(describe(merged.cells.back()));
    }
    if (merged.cells.size() < cells.size())
      throw UsageError(
          fmt::format("{}: the shards hold cells of {} that its plan does not have", parts_.front().name, first.configuration.id));
  }

  Cell lacking(const std::string& configuration, const ClipId& clip) const {
    Cell cell{.configuration = configuration, .prompt = clip.first, .category = {}, .seed = clip.second, .key = {}};
    for (const auto& prompt : merged_.prompts)
      if (prompt.id == clip.first) cell.category = prompt.category;
    cell.status = CellStatus::interrupted;
    cell.reason = "cancelled: its shard was not merged";
    return cell;
  }

  [[noreturn]] void refuse_absent() const {
    std::set<std::string> given;
    for (const auto& part : parts_) given.insert(part.record.shard);
    std::vector<std::string> lacking;
    plan::Shard shard = plan::parse_shard(parts_.front().record.shard);
    for (shard.index = 1; shard.index <= shard.count && lacking.size() < kNamedCells; ++shard.index)
      if (!given.contains(plan::to_string(shard))) lacking.push_back(plan::to_string(shard));
    const std::size_t named = std::min(kNamedCells, absent_.size());
    throw UsageError(fmt::format("{} cells are missing: {}{}{}; resume or add what is missing, or merge what there is with --partial",
                                 absent_.size(), fmt::join(absent_.begin(), absent_.begin() + static_cast<std::ptrdiff_t>(named), "; "),
                                 named < absent_.size() ? "; ..." : "",
                                 lacking.empty() ? "" : fmt::format(" (no shard {})", fmt::join(lacking, ", "))));
  }

  // Times are compared within a block alone, and so within a shard. All planned blocks come first, then those of extensions.
  void join_blocks() {
    merged_.blocks = 0;
    merged_.visits.clear();
    merged_.extension.blocks = 0;
    for (const auto& part : parts_) {
      merged_.blocks += part.record.blocks;
      merged_.extension.blocks += part.record.extension.blocks;
      if (part.record.extension.decided && !merged_.extension.decided) {
        const std::int64_t blocks = merged_.extension.blocks;
        merged_.extension = part.record.extension;
        merged_.extension.blocks = blocks;
      }
    }
    std::int64_t before = 0, extended_before = merged_.blocks;
    for (const auto& part : parts_) {
      for (Visit visit : part.record.visits) {
        const std::int64_t planned = part.record.blocks;
        visit.block = visit.block < planned ? before + visit.block : extended_before + visit.block - planned;
        merged_.visits.push_back(std::move(visit));
      }
      before += part.record.blocks;
      extended_before += part.record.extension.blocks;
    }
  }

  void add_run(const RunRecord& run) {
    if (merged_.weights_hash.empty()) merged_.weights_hash = run.weights_hash;
    merged_.elapsed_s += run.elapsed_s;
    merged_.command += "\n" + run.command;
    merged_.environment.started_at = std::min(merged_.environment.started_at, run.environment.started_at);
    auto& warnings = merged_.environment.warnings;
    for (const auto& warning : run.environment.warnings)
      if (std::find(warnings.begin(), warnings.end(), warning) == warnings.end()) warnings.push_back(warning);
  }

  std::span<const MergePart> parts_;
  Missing missing_;
  RunRecord merged_;
  std::vector<std::string> absent_ = {};
};

}  // namespace

RunRecord merge_runs(std::span<const MergePart> parts, Missing missing) {
  if (parts.empty()) throw UsageError("merge: no run is given");
  check_same(parts);
  return Merging(parts, missing).merge();
}

}  // namespace wan::store
