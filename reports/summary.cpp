#include "reports/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "harness/gate/criterion.h"
#include "harness/gate/suite_scores.h"
#include "reports/format.h"

namespace wan::reports {
namespace {

const gate::Verdict* find_verdict(const Dataset& data, const std::string& configuration) {
  for (const auto& verdict : data.verdicts)
    if (verdict.configuration == configuration) return &verdict;
  return nullptr;
}

std::optional<double> criterion_value(const gate::GateResult& result, std::string_view name) {
  for (const auto& criterion : result.criteria)
    if (criterion.name == name) return criterion.value;
  return std::nullopt;
}

// The gate's own figure where it has one: a report must not show another number than the one that was judged.
std::optional<double> shown_score(const ConfigurationSummary& summary, const std::string& metric) {
  if (summary.verdict)
    if (const auto value = criterion_value(summary.verdict->quality_roadmap, metric)) return value;
  return suite_score(*summary.record, metric);
}

std::string speed_text(const ConfigurationSummary& summary) {
  if (summary.reference) return "–";
  if (!summary.verdict) return "not judged";
  const auto& speed = summary.verdict->speed;
  const bool claimed = speed.outcome != gate::Outcome::not_claimed && speed.outcome != gate::Outcome::not_measured;
  if (const auto ratio = criterion_value(speed, "speedup"); ratio && claimed) return format_ratio(*ratio);
  return outcome_word(speed.outcome);
}

std::string first_fault(const store::ConfigurationRecord& record) {
  for (const auto& cell : record.cells)
    if (cell.status != store::CellStatus::done && !cell.reason.empty()) return cell.reason;
  return {};
}

// The gate's reason without its code, where a person needs none.
std::string without_code(const std::string& reason) {
  const auto colon = reason.find(": ");
  return colon == std::string::npos ? reason : reason.substr(colon + 2);
}

std::string reason_text(const ConfigurationSummary& summary) {
  if (!summary.verdict) {
    const std::string fault = first_fault(*summary.record);
    return fault.empty() ? "not judged" : fault;
  }
  const auto& speed = summary.verdict->speed;
  const auto& quality = deciding_gate(*summary.verdict);
  if (summary.reference) return quality.reason.empty() ? "others are judged against it" : without_code(quality.reason);
  if (quality.outcome == gate::Outcome::held && summary.overall == gate::Outcome::held)
    return speed.outcome == gate::Outcome::held ? fmt::format("quality: {}; speed: {}", quality.reason, speed.reason)
                                                : "quality: " + quality.reason;
  const bool by_speed = speed.outcome == summary.overall && quality.outcome != summary.overall;
  const auto& deciding = by_speed ? speed : quality;
  return (by_speed ? "speed: " : "quality: ") + (deciding.reason.empty() ? outcome_word(deciding.outcome) : deciding.reason);
}

ConfigurationSummary summarize_one(const Dataset& data, const store::ConfigurationRecord& record) {
  ConfigurationSummary summary{.record = &record, .verdict = find_verdict(data, record.configuration.id)};
  summary.reference = summary.verdict && !summary.verdict->judged;
  summary.kind = record.kind ? to_string(*record.kind) : (record.configuration.optimizations.empty() ? "reference" : "–");
  summary.overall = summary.verdict ? summary.verdict->overall : gate::Outcome::not_measured;
  summary.speed = speed_text(summary);
  summary.psnr_db = shown_score(summary, kPsnr);
  summary.ssim = shown_score(summary, kSsim);
  summary.lpips = shown_score(summary, kLpips);
  summary.adherence = suite_score(record, kAdherence);
  if (const auto* floor = noise_floor_of(data.run, record)) summary.floor_ratio = paired_ratio(record, *floor, kLpips, false);
  summary.reason = one_line(reason_text(summary));
  const std::size_t elsewhere = record.elsewhere.size();  // of a shard: other shards make them
  summary.clips = std::max(std::max(data.run.prompts.size() * data.run.seeds.size(), elsewhere) - elsewhere, record.cells.size());
  summary.clips_done = static_cast<std::size_t>(
      std::count_if(record.cells.begin(), record.cells.end(), [](const auto& cell) { return cell.status == store::CellStatus::done; }));
  return summary;
}

// " (a, b)", only while the names can be taken in at a glance.
std::string named(const std::vector<std::string>& ids) {
  static constexpr std::size_t kMost = 4;
  return ids.size() <= kMost ? fmt::format(" ({})", join(ids, ", ")) : "";
}

std::string run_sentence(const std::map<gate::Outcome, std::vector<std::string>>& groups, std::size_t candidates) {
  if (candidates == 0) return "Nothing was judged: the run holds no candidate configuration.";
  if (groups.size() == 1) {
    const auto& [outcome, ids] = *groups.begin();
    const std::string subject = candidates == 1 ? ids.front() : fmt::format("All {} configurations", candidates);
    if (outcome == gate::Outcome::held) return candidates == 1 ? subject + " held its gates." : subject + " held their gates.";
    return fmt::format("{} {}: {}.", subject, candidates == 1 ? "did not pass" : "failed to pass", outcome_word(outcome));
  }
  std::vector<std::string> parts;
  for (const auto& [outcome, ids] : groups)
    if (outcome != gate::Outcome::held) parts.push_back(fmt::format("{} {}{}", ids.size(), outcome_word(outcome), named(ids)));
  const auto held = groups.find(gate::Outcome::held);
  if (held == groups.end()) return fmt::format("None of {} configurations held its gates: {}.", candidates, join(parts, ", "));
  return fmt::format("{} of {} configurations held their gates{}; {}.", held->second.size(), candidates, named(held->second),
                     join(parts, ", "));
}

std::vector<std::string> run_notes(const Dataset& data, const std::vector<ConfigurationSummary>& configurations) {
  std::vector<std::string> notes;
  std::map<std::string, std::size_t> unclaimed;
  std::size_t missing = 0;
  for (const auto& summary : configurations) {
    missing += summary.clips - std::min(summary.clips, summary.clips_done);
    if (!summary.reference && summary.record->configuration.benefit == plan::Benefit::speed && !summary.record->speed_claimable.empty())
      ++unclaimed[one_line(summary.record->speed_claimable)];
  }
  for (const auto& [reason, n] : unclaimed)
    notes.push_back(fmt::format("Speed is not claimed for {}: {}.", count_of(n, "configuration"), reason));
  if (!data.run.shard.empty())
    notes.push_back(
        fmt::format("This is shard {} of a run; wan-eval merge joins the shards, and the verdict is that of the whole.", data.run.shard));
  if (!data.run.complete) notes.push_back("The run is not complete; wan-eval run --resume continues it.");
  if (missing > 0)
    notes.push_back(fmt::format("{} missing; section Fallbacks and failures names them.",
                                missing == 1 ? "1 clip is" : fmt::format("{} clips are", missing)));
  return notes;
}

}  // namespace

bool tells_adherence(const std::vector<ConfigurationSummary>& configurations) {
  return std::any_of(configurations.begin(), configurations.end(), [](const auto& summary) { return summary.adherence.has_value(); });
}

std::optional<double> suite_score(const store::ConfigurationRecord& record, const std::string& metric) {
  const auto clips = gate::clip_values(record, metric);
  if (clips.values.empty()) return std::nullopt;
  return metric == kPsnr ? gate::pooled_psnr_db(clips.values) : gate::mean_over_clips(clips.values);
}

std::optional<double> paired_ratio(const store::ConfigurationRecord& candidate, const store::ConfigurationRecord& floor,
                                   const std::string& metric, bool complement) {
  const auto ours = gate::clip_values(candidate, metric).values;
  const auto theirs = gate::clip_values(floor, metric).values;
  const auto distance = [complement](double value) { return complement ? 1 - value : value; };
  double candidate_sum = 0, floor_sum = 0;
  for (const auto& [clip, value] : ours) {
    const auto twin = theirs.find(clip);
    if (twin == theirs.end()) continue;
    candidate_sum += distance(value);
    floor_sum += distance(twin->second);
  }
  if (floor_sum == 0) return std::nullopt;
  return candidate_sum / floor_sum;
}

std::vector<ConfigurationSummary> summarize(const Dataset& data) {
  std::vector<ConfigurationSummary> summaries;
  for (const auto& record : data.run.configurations) summaries.push_back(summarize_one(data, record));
  return summaries;
}

RunSummary summarize_run(const Dataset& data, const std::vector<ConfigurationSummary>& configurations) {
  std::map<gate::Outcome, std::vector<std::string>> groups;
  std::size_t candidates = 0;
  RunSummary run;
  for (const auto& summary : configurations) {
    if (summary.reference || !summary.verdict) continue;
    run.overall = candidates++ == 0 ? summary.overall : gate::outweighing(run.overall, summary.overall);
    groups[summary.overall].push_back(summary.id());
  }
  run.sentence = run_sentence(groups, candidates);
  run.notes = run_notes(data, configurations);
  return run;
}

const store::ConfigurationRecord* noise_floor_of(const store::RunRecord& run, const store::ConfigurationRecord& record) {
  return gate::find_configuration(run, record.configuration.noise_floor);
}

std::vector<const store::ConfigurationRecord*> noise_floors(const store::RunRecord& run) {
  std::vector<const store::ConfigurationRecord*> floors;
  for (const auto& candidate : run.configurations) {
    const auto names_it = [&candidate](const auto& record) { return record.configuration.noise_floor == candidate.configuration.id; };
    if (std::any_of(run.configurations.begin(), run.configurations.end(), names_it)) floors.push_back(&candidate);
  }
  return floors;
}

const store::Cell* find_cell(const store::ConfigurationRecord& record, const std::string& prompt, std::uint64_t seed) {
  for (const auto& cell : record.cells)
    if (cell.prompt == prompt && cell.seed == seed) return &cell;
  return nullptr;
}

const gate::GateResult& deciding_gate(const gate::Verdict& verdict) {
  return verdict.deciding_gate == "calibrated" ? verdict.quality_calibrated : verdict.quality_roadmap;
}

std::optional<double> score_of(const store::Cell& cell, const std::string& metric) {
  const auto* score = cell.scores.find(metric);
  if (!score || !score->error.empty() || std::isnan(score->pooled.mean)) return std::nullopt;
  return score->pooled.mean;
}

std::string run_title(const store::RunRecord& run) {
  std::string title = "Tier " + run.tier_id;
  if (!run.tier_title.empty()) title += ": " + run.tier_title;
  return title;
}

std::string run_size(const store::RunRecord& run) {
  return fmt::format("{} on {} · {} × {} · {}×{}, {} · {}", run.model.empty() ? "unknown model" : run.model,
                     run.environment.device_name.empty() ? run.environment.device : run.environment.device_name,
                     count_of(run.prompts.size(), "prompt"), count_of(run.seeds.size(), "seed"), run.shape.width, run.shape.height,
                     count_of(static_cast<std::size_t>(run.shape.frames), "frame"),
                     count_of(static_cast<std::size_t>(run.shape.steps), "step"));
}

}  // namespace wan::reports
