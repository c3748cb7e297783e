#include "harness/history/history.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>
#include <utility>

#include "engine/base/error.h"
#include "harness/gate/paired_scores.h"
#include "harness/history/figures.h"
#include "harness/measure/change_points.h"
#include "harness/measure/multiplicity.h"
#include "harness/measure/statistics.h"
#include "harness/store/record_text.h"
#include "harness/store/result_store.h"
#include "harness/store/seal.h"

namespace wan::history {
namespace {

using measure::LossScale;

constexpr std::size_t kFewestPermutations = 1999;
constexpr std::size_t kPermutationsPerBound = 4;  // the smallest p must lie well below the smallest bound of Holm's

LossScale scale_of(const std::string& figure) {
  for (const auto& score : gate::kScaledScores)
    if (figure == score.name) return score.scale;
  return LossScale::log;
}

// Steps of a factor, and of a likeness near one, count alike wherever they happen; an infinite PSNR becomes a number.
std::vector<double> losses(const Series& series) {
  const LossScale scale = scale_of(series.figure);
  std::vector<double> values;
  for (const auto& night : series.nights) values.push_back(gate::clip_loss(scale, night.value));
  return values;
}

std::vector<Difference> differences_between(const Night& before, const Night& after) {
  std::vector<Difference> differences;
  const auto compare = [&](const char* what, const std::string& a, const std::string& b) {
    if (a != b) differences.push_back({.what = what, .before = a, .after = b});
  };
  compare("commit", before.git_revision, after.git_revision);
  compare("build", before.build_id, after.build_id);
  compare("weights", before.weights_hash, after.weights_hash);
  compare("driver", before.driver, after.driver);
  return differences;
}

double median_of(const Series& series, std::size_t first, std::size_t end) {
  std::vector<double> values;
  for (std::size_t i = first; i < end; ++i) values.push_back(series.nights[i].value);
  return measure::median(values);
}

std::vector<Change> changes_of(const Series& series, const std::vector<measure::ChangePoint>& points) {
  std::vector<Change> changes;
  for (std::size_t k = 0; k < points.size(); ++k) {
    const std::size_t night = points[k].index, first = k > 0 ? points[k - 1].index : 0;
    const std::size_t end = k + 1 < points.size() ? points[k + 1].index : series.nights.size();
    Change change{.night = night, .before = median_of(series, first, night), .after = median_of(series, night, end), .p = points[k].p};
    change.better = (change.after > change.before) == more_is_better(series.figure);
    change.differences = differences_between(series.nights[night - 1], series.nights[night]);
    changes.push_back(std::move(change));
  }
  return changes;
}

using Key = std::tuple<std::string, std::string, std::string, std::string, std::int64_t, std::string, std::string>;

std::vector<Series> gather(const std::vector<store::IndexedRun>& runs, const std::vector<store::RunFigure>& figures,
                           const HistoryOptions& options) {
  std::map<std::string, const store::IndexedRun*> by_folder;
  for (const auto& run : runs) by_folder[run.folder] = &run;
  std::map<Key, Series> all;
  for (const auto& [folder, figure] : figures) {
    const auto found = by_folder.find(folder);
    const auto& wanted = options.configurations;
    if (found == by_folder.end() || (!wanted.empty() && std::find(wanted.begin(), wanted.end(), figure.configuration) == wanted.end()))
      continue;
    const store::IndexedRun& run = *found->second;
    const Scope scope{.machine_class = run.machine_class, .model = run.model, .suite = run.suite_id, .shape = run.shape};
    if (options.scope && *options.scope != scope) continue;
    Series& series = all[{scope.machine_class, scope.model, scope.suite, scope.shape, figure.clips, figure.configuration, figure.name}];
    series.scope = scope;
    series.nights.push_back({.folder = folder,
                             .started_at = run.started_at,
                             .git_revision = run.git_revision,
                             .build_id = run.build_id,
                             .weights_hash = run.weights_hash,
                             .driver = run.driver,
                             .value = figure.value});
  }
  std::vector<Series> sorted;
  for (auto& [key, series] : all) {
    std::tie(std::ignore, std::ignore, std::ignore, std::ignore, series.clips, series.configuration, series.figure) = key;
    std::stable_sort(series.nights.begin(), series.nights.end(),
                     [](const Night& a, const Night& b) { return a.started_at < b.started_at; });
    if (series.nights.size() > options.most_nights)
      series.nights.erase(series.nights.begin(), series.nights.end() - static_cast<std::ptrdiff_t>(options.most_nights));
    sorted.push_back(std::move(series));
  }
  return sorted;
}

}  // namespace

Scope scope_of(const store::RunRecord& run) {
  return {.machine_class = store::machine_class(run.environment),
          .model = run.model,
          .suite = run.suite_id,
          .shape = store::shape_text(run.shape)};
}

bool more_is_better(const std::string& figure) {
  return !figure.ends_with("_s") && (figure.ends_with("speedup") || scale_of(figure) != LossScale::log);
}

History make_history(const std::vector<store::IndexedRun>& runs, const std::vector<store::RunFigure>& figures,
                     const HistoryOptions& options) {
  History history{.series = gather(runs, figures, options)};
  measure::ChangePointOptions search{.alpha = options.alpha};
  std::vector<Series*> tested;
  for (auto& series : history.series)
    if (series.nights.size() >= 2 * search.fewest) tested.push_back(&series);
  history.tested = tested.size();
  search.permutations = std::max(kFewestPermutations,
                                 static_cast<std::size_t>(static_cast<double>(kPermutationsPerBound * tested.size()) / options.alpha) - 1);
  std::vector<measure::ChangePoints> found;
  std::vector<double> p_values;
  for (Series* series : tested) {
    found.push_back(measure::find_change_points(losses(*series), search));
    p_values.push_back(found.back().p);
  }
  const auto adjusted = measure::holm_adjusted(p_values);
  for (std::size_t i = 0; i < tested.size(); ++i) {
    tested[i]->p = p_values[i];
    tested[i]->adjusted_p = adjusted[i];
    if (adjusted[i] <= options.alpha) tested[i]->changes = changes_of(*tested[i], found[i].points);
  }
  return history;
}

History read_history(const std::filesystem::path& root, const HistoryOptions& options, const Progress& progress) {
  store::Index index(root);
  index.refresh(progress);
  std::vector<std::string> skipped;
  const auto folders = index.folders_without_figures();
  for (std::size_t i = 0; i < folders.size(); ++i) {
    const std::string& folder = folders[i];
    if (progress) progress({.done = i + 1, .total = folders.size()});
    try {
      index.store_figures(folder, figures_of(store::read_run(root / folder)));
    } catch (const UsageError& error) {
      skipped.emplace_back(error.what());
    } catch (const store::TamperError& error) {
      skipped.emplace_back(error.what());
    }
  }
  const auto runs = index.runs();
  for (const auto& run : runs)
    if (!run.problem.empty()) skipped.push_back(run.problem);
  History history = make_history(runs, index.figures(), options);
  history.skipped = std::move(skipped);
  return history;
}

}  // namespace wan::history
