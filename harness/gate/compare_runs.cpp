#include "harness/gate/compare_runs.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/error.h"
#include "harness/gate/judge.h"
#include "harness/gate/paired_scores.h"
#include "harness/gate/visit_times.h"
#include "harness/measure/paired_means.h"
#include "harness/measure/statistics.h"
#include "harness/store/record_text.h"

namespace wan::gate {
namespace {

using store::ConfigurationRecord;
using store::RunRecord;

std::vector<Difference> differences(const RunRecord& first, const RunRecord& second) {
  std::vector<Difference> found;
  const auto compare = [&](const char* what, const std::string& a, const std::string& b) {
    if (a != b) found.push_back({what, a.empty() ? "unknown" : a, b.empty() ? "unknown" : b});
  };
  compare("build", first.environment.build_id, second.environment.build_id);
  compare("revision", first.environment.git_revision, second.environment.git_revision);
  compare("weights", first.weights_hash, second.weights_hash);
  compare("model", first.model, second.model);
  compare("plan", first.plan_hash, second.plan_hash);
  compare("tier", first.tier_id, second.tier_id);
  compare("suite", first.suite_id, second.suite_id);
  compare("shape", store::shape_text(first.shape), store::shape_text(second.shape));
  compare("machine class", store::machine_class(first.environment), store::machine_class(second.environment));
  compare("driver", first.environment.driver, second.environment.driver);
  compare("CUDA", first.environment.cuda, second.environment.cuda);
  compare("LibTorch", first.environment.libtorch, second.environment.libtorch);
  compare("timed", timed_text(first), timed_text(second));
  compare("blocks", fmt::format("{}", first.blocks), fmt::format("{}", second.blocks));
  return found;
}

// Scores of two versions of a metric, or of two sets of options, are different figures.
std::string why_incomparable(const ConfigurationRecord& first, const ConfigurationRecord& second, const std::string& name) {
  const metrics::Score *a = nullptr, *b = nullptr;
  for (const auto& cell : first.cells)
    if (!a) a = cell.scores.find(name);
  for (const auto& cell : second.cells)
    if (!b) b = cell.scores.find(name);
  if (!a || !b || (a->version == b->version && a->options_hash == b->options_hash)) return {};
  return fmt::format("{}: version {} in one run, {} in the other{}", name, a->version, b->version,
                     a->version == b->version ? ", with other options" : "");
}

std::optional<ScoreComparison> compare_score(const ConfigurationRecord& first, const ConfigurationRecord& second,
                                             const ScaledScore& score) {
  ClipValues a = clip_values(first, score.name), b = clip_values(second, score.name);
  std::erase_if(a.values, [&](const auto& clip) { return !b.values.contains(clip.first); });
  std::erase_if(b.values, [&](const auto& clip) { return !a.values.contains(clip.first); });
  const PairedScores paired = pair_scores(a, b, score.scale);
  if (paired.clips == 0) return std::nullopt;
  ScoreComparison comparison{.score = score.name,
                             .scale = score.scale,
                             .clips = paired.clips,
                             .prompts = paired.worsening.size(),
                             .first = suite_figure(score.name, a.values),
                             .second = suite_figure(score.name, b.values),
                             .worsening = measure::mean_of_differences(paired.worsening).mean,
                             .interval = measure::mean_interval(paired.worsening)};
  if (!comparison.interval) return comparison;
  comparison.change = comparison.interval->low > 0 ? Change::worse : comparison.interval->high < 0 ? Change::better : Change::none_shown;
  return comparison;
}

ConfigurationComparison compare_configuration(const RunRecord& first_run, const ConfigurationRecord& first, const RunRecord& second_run,
                                              const ConfigurationRecord& second) {
  ConfigurationComparison comparison{.id = first.configuration.id,
                                     .same_optimizations = first.configuration.optimizations == second.configuration.optimizations};
  const auto others = by_clip(second);
  for (const auto& [clip, cell] : by_clip(first)) {
    const auto other = others.find(clip);
    if (other == others.end() || cell->clip_hash.empty() || other->second->clip_hash.empty()) continue;
    ++comparison.clips;
    if (cell->clip_hash == other->second->clip_hash) ++comparison.identical_clips;
  }
  for (const ScaledScore& score : kScaledScores) {
    if (std::string why = why_incomparable(first, second, score.name); !why.empty())
      comparison.skipped.push_back(std::move(why));
    else if (auto compared = compare_score(first, second, score))
      comparison.scores.push_back(std::move(*compared));
  }
  if (times_steps(first_run) != times_steps(second_run)) return comparison;  // a loop and a clip: no times to lay side by side
  const auto a = valid_visit_s(first_run, comparison.id), b = valid_visit_s(second_run, comparison.id);
  comparison.times = {.first_visits = a.size(), .second_visits = b.size()};
  if (!a.empty()) comparison.times.first_s = measure::median(a);
  if (!b.empty()) comparison.times.second_s = measure::median(b);
  return comparison;
}

std::string ids_of(const RunRecord& run) {
  std::vector<std::string> ids;
  for (const auto& record : run.configurations) ids.push_back(record.configuration.id);
  return ids.empty() ? "none" : fmt::format("{}", fmt::join(ids, ", "));
}

bool share_a_clip(const RunRecord& first, const RunRecord& second) {
  for (const auto& record : first.configurations) {
    const auto* other = find_configuration(second, record.configuration.id);
    if (!other) continue;
    const auto clips = by_clip(*other);
    for (const auto& [clip, cell] : by_clip(record))
      if (clips.contains(clip)) return true;
  }
  return false;
}

}  // namespace

const char* to_string(Change change) {
  switch (change) {
    case Change::better:
      return "better";
    case Change::worse:
      return "worse";
    case Change::none_shown:
      return "none_shown";
    case Change::too_few:
      return "too_few";
  }
  return "";
}

RunComparison compare_runs(const RunRecord& first, const RunRecord& second) {
  RunComparison comparison{.differences = differences(first, second)};
  const auto verdicts_a = judge(first), verdicts_b = judge(second);
  for (std::size_t i = 0; i < first.configurations.size(); ++i) {
    const auto& record = first.configurations[i];
    const auto* other = find_configuration(second, record.configuration.id);
    if (!other) {
      comparison.only_first.push_back(record.configuration.id);
      continue;
    }
    auto compared = compare_configuration(first, record, second, *other);
    const Verdict &a = verdicts_a[i], &b = verdicts_b[static_cast<std::size_t>(other - second.configurations.data())];
    compared.first = a.overall;
    compared.second = b.overall;
    compared.judged = a.judged || b.judged;
    comparison.configurations.push_back(std::move(compared));
  }
  for (const auto& record : second.configurations)
    if (!find_configuration(first, record.configuration.id)) comparison.only_second.push_back(record.configuration.id);
  if (comparison.configurations.empty())
    throw UsageError(
        fmt::format("the runs share no configuration: {} has {}; {} has {}", first.run_id, ids_of(first), second.run_id, ids_of(second)));
  if (!share_a_clip(first, second))
    throw UsageError(fmt::format("the runs share no clip: their suites are {} and {}, and no prompt and seed stands in both",
                                 first.suite_id, second.suite_id));
  return comparison;
}

}  // namespace wan::gate
