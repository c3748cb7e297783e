#include "harness/history/figures.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "harness/gate/judge.h"
#include "harness/gate/paired_scores.h"
#include "harness/gate/quality_gate.h"
#include "harness/gate/visit_times.h"
#include "harness/measure/statistics.h"

namespace wan::history {
namespace {

using store::ConfigurationRecord;
using store::IndexedFigure;

// PSNR is the mean squared error said once more.
constexpr const char* kScores[] = {gate::kSsim, gate::kLpips, gate::kPsnr};

std::optional<double> speedup_of(const gate::Verdict& verdict) {
  for (const auto& criterion : verdict.speed.criteria)
    if (criterion.name == "speedup" && criterion.n > 0) return criterion.value;
  return std::nullopt;
}

void add_time(std::vector<IndexedFigure>& figures, const store::RunRecord& run, const ConfigurationRecord& record,
              const gate::Verdict& verdict) {
  if (!record.speed_claimable.empty()) return;
  IndexedFigure figure{.configuration = record.configuration.id, .name = {}, .clips = static_cast<std::int64_t>(record.cells.size())};
  const bool reference = record.configuration.quality_baseline == record.configuration.id;
  if (const auto speedup = speedup_of(verdict); speedup && !reference) {
    figure.name = gate::speedup_figure(run);
    figure.value = *speedup;
  } else if (const auto times = gate::valid_visit_s(run, record.configuration.id); !times.empty()) {
    figure.name = gate::time_figure(run);
    figure.value = measure::median(times);
  }
  if (!figure.name.empty()) figures.push_back(figure);
}

void add_scores(std::vector<IndexedFigure>& figures, const ConfigurationRecord& record) {
  for (const char* score : kScores) {
    const auto clips = gate::clip_values(record, score);
    if (clips.values.size() < record.cells.size() || clips.values.empty()) continue;
    const double value = gate::suite_figure(score, clips.values);
    if (std::isnan(value)) continue;
    figures.push_back(
        {.configuration = record.configuration.id, .name = score, .value = value, .clips = static_cast<std::int64_t>(record.cells.size())});
  }
}

}  // namespace

std::vector<IndexedFigure> figures_of(const store::RunRecord& run) {
  std::vector<IndexedFigure> figures;
  const auto verdicts = gate::judge(run);
  for (std::size_t i = 0; i < run.configurations.size(); ++i) {
    add_time(figures, run, run.configurations[i], verdicts[i]);
    add_scores(figures, run.configurations[i]);
  }
  return figures;
}

}  // namespace wan::history
