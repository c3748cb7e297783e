#include "harness/baseline/propose.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "engine/base/error.h"
#include "harness/gate/judge.h"
#include "harness/gate/noise_floor.h"
#include "harness/gate/paired_scores.h"
#include "harness/gate/visit_times.h"
#include "harness/measure/paired_means.h"
#include "harness/measure/statistics.h"
#include "harness/store/record_text.h"

namespace wan::baseline {
namespace {

using gate::ScaledScore;
using store::ConfigurationRecord;
using store::RunRecord;

std::vector<double> prompt_losses(const std::vector<const ConfigurationRecord*>& nights, const ScaledScore& score) {
  std::vector<gate::ClipValues> values;
  for (const auto* night : nights) values.push_back(gate::clip_values(*night, score.name));
  return gate::prompt_losses(values, score.scale);
}

Provenance provenance_of(std::span<const RunRecord> nights) {
  const RunRecord& last = *std::max_element(nights.begin(), nights.end(), [](const RunRecord& a, const RunRecord& b) {
    return a.environment.started_at < b.environment.started_at;
  });
  Provenance provenance{.commit = last.environment.git_revision,
                        .build_id = last.environment.build_id,
                        .weights_hash = last.weights_hash,
                        .driver = last.environment.driver,
                        .date = last.environment.started_at};
  for (const auto& night : nights) provenance.run_ids.push_back(night.run_id);
  return provenance;
}

// A figure of nights whose mean is taken on another scale; `back` leads from there to the figure.
template <typename Back>
Figure figure(const std::string& name, const std::vector<double>& scaled, Back back) {
  const double mean = measure::mean_of_differences(scaled).mean;
  const auto interval = measure::mean_interval(scaled);
  Figure made{.name = name, .value = back(mean)};
  const double a = interval ? back(interval->low) : made.value, b = interval ? back(interval->high) : made.value;
  made.low = std::min(a, b);
  made.high = std::max(a, b);
  for (const double night : scaled) made.nights.push_back(back(night));
  return made;
}

void add_times(Entry& entry, std::span<const RunRecord> nights, const std::vector<std::vector<gate::Verdict>>& verdicts) {
  std::vector<double> times, speedup;
  for (std::size_t i = 0; i < nights.size(); ++i) {
    if (const auto seconds = gate::valid_visit_s(nights[i], entry.configuration); !seconds.empty())
      times.push_back(std::log(measure::median(seconds)));
    for (const auto& verdict : verdicts[i]) {
      const bool claimed = verdict.speed.outcome != gate::Outcome::not_claimed && verdict.speed.outcome != gate::Outcome::invalid;
      if (verdict.configuration != entry.configuration || !claimed) continue;
      for (const auto& criterion : verdict.speed.criteria)
        if (criterion.name == "speedup" && criterion.value) speedup.push_back(std::log(*criterion.value));
    }
  }
  const auto back = [](double value) { return std::exp(value); };
  // All nights are of one plan, and so of one way to time.
  if (times.size() == nights.size()) entry.figures.push_back(figure(gate::time_figure(nights.front()), times, back));
  if (speedup.size() == nights.size()) entry.figures.push_back(figure(gate::speedup_figure(nights.front()), speedup, back));
}

void add_scores(Entry& entry, std::span<const RunRecord> nights) {
  for (const ScaledScore& score : gate::kScaledScores) {
    std::vector<double> losses;
    for (const auto& night : nights)
      if (const auto* record = gate::find_configuration(night, entry.configuration))
        if (const auto prompts = prompt_losses({record}, score); !prompts.empty())
          losses.push_back(measure::mean_of_differences(prompts).mean);
    if (losses.size() != nights.size()) continue;
    entry.figures.push_back(figure(score.name, losses, [&](double loss) { return measure::score_of(score.scale, loss); }));
  }
}

// Why this run is no valid night; one sentence each.
void check_night(const RunRecord& run, const std::vector<gate::Verdict>& verdicts, std::vector<std::string>& faults) {
  if (!run.complete) faults.push_back(fmt::format("{}: the run is unfinished", run.run_id));
  for (const auto& record : run.configurations) {
    const auto coverage = gate::cover(record);
    if (coverage.done < coverage.expected)
      faults.push_back(fmt::format("{}: {} has {} of {} clips", run.run_id, record.configuration.id, coverage.done, coverage.expected));
    if (gate::valid_visit_s(run, record.configuration.id).empty())
      faults.push_back(fmt::format("{}: {} has no valid visit", run.run_id, record.configuration.id));
  }
  for (const auto& verdict : verdicts)
    if (verdict.judged && verdict.overall == gate::Outcome::invalid)
      faults.push_back(fmt::format("{}: the verdict on {} is invalid", run.run_id, verdict.configuration));
}

void check_same(std::span<const RunRecord> nights, std::vector<std::string>& faults) {
  const RunRecord& first = nights.front();
  std::set<std::string> ids;
  for (const auto& night : nights) {
    if (!ids.insert(night.run_id).second) faults.push_back(fmt::format("{}: stands twice; a night counts once", night.run_id));
    if (night.plan_hash != first.plan_hash) faults.push_back(fmt::format("{}: another plan or build than {}", night.run_id, first.run_id));
    if (night.weights_hash != first.weights_hash) faults.push_back(fmt::format("{}: other weights than {}", night.run_id, first.run_id));
    const std::string own = store::machine_class(night.environment), others = store::machine_class(first.environment);
    if (own != others) faults.push_back(fmt::format("{}: machine class '{}', that of {} is '{}'", night.run_id, own, first.run_id, others));
  }
}

}  // namespace

Baseline propose(std::span<const RunRecord> nights) {
  std::vector<std::string> faults;
  if (nights.size() < kFewestNights)
    faults.push_back(fmt::format("a baseline needs at least {} valid runs, got {}", kFewestNights, nights.size()));
  std::vector<std::vector<gate::Verdict>> verdicts;
  for (const auto& night : nights) {
    verdicts.push_back(gate::judge(night));
    check_night(night, verdicts.back(), faults);
  }
  if (!nights.empty()) check_same(nights, faults);
  if (!faults.empty()) throw UsageError(fmt::format("{}", fmt::join(faults, "\n")));
  const RunRecord& first = nights.front();
  Baseline baseline{.machine_class = store::machine_class(first.environment),
                    .plan_hash = first.plan_hash,
                    .tier = first.tier_id,
                    .suite = first.suite_id,
                    .model = first.model,
                    .shape = store::shape_text(first.shape)};
  for (const auto& record : first.configurations) {
    Entry entry{.configuration = record.configuration.id, .n = static_cast<int>(nights.size()), .provenance = provenance_of(nights)};
    add_times(entry, nights, verdicts);
    add_scores(entry, nights);
    baseline.entries.push_back(std::move(entry));
  }
  return baseline;
}

std::vector<Floor> calibrate(std::span<const RunRecord> nights) {
  if (nights.empty()) throw UsageError("calibrate: no run is given");
  for (const RunRecord& night : nights)
    if (night.plan_hash != nights.front().plan_hash || night.weights_hash != nights.front().weights_hash)
      throw UsageError(fmt::format("{}: of another plan or other weights than {}", night.run_id, nights.front().run_id));
  std::set<std::string> ids;
  for (const auto& record : nights.front().configurations) ids.insert(record.configuration.noise_floor);
  std::vector<Floor> floors;
  for (const auto& id : ids) {
    std::vector<const ConfigurationRecord*> records;
    for (const RunRecord& night : nights)
      if (const auto* record = gate::find_configuration(night, id)) records.push_back(record);
    if (records.empty()) continue;
    Floor floor{.configuration = id, .provenance = provenance_of(nights), .distances = gate::floor_distances(records)};
    for (const ScaledScore& score : gate::kScaledScores) {
      const auto losses = prompt_losses(records, score);
      if (losses.size() < 2) continue;
      const auto found = measure::mean_of_differences(losses);
      const measure::Calibration calibration{.mean = found.mean, .standard_deviation_of_differences = *found.standard_deviation};
      floor.scores.push_back({.score = score.name,
                              .prompts = static_cast<int>(losses.size()),
                              .mean = found.mean,
                              .standard_deviation = *found.standard_deviation,
                              .margin = measure::frozen_margin(calibration).value});
    }
    if (!floor.scores.empty()) floors.push_back(std::move(floor));
  }
  if (floors.empty())
    throw UsageError(
        fmt::format("{}: no equally valid run (bf16_twin) with scores of at least two prompts is part of it", nights.front().run_id));
  return floors;
}

std::vector<Floor> calibrate(const RunRecord& run) { return calibrate(std::span(&run, 1)); }

}  // namespace wan::baseline
