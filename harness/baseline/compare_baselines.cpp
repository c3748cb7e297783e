#include "harness/baseline/compare_baselines.h"

#include <fmt/format.h>

#include "engine/base/error.h"

namespace wan::baseline {
namespace {

constexpr double kRounding = 1e-9;  // relative: a margin that is computed again is no looser

void add_figures(BaselineDifference& difference, const Entry* promoted, const Entry* proposed) {
  const std::vector<Figure> none;
  const auto& old_figures = promoted ? promoted->figures : none;
  const auto& new_figures = proposed ? proposed->figures : none;
  const std::string& id = (proposed ? proposed : promoted)->configuration;
  for (const Figure& figure : new_figures) {
    const Figure* old = find(old_figures, figure.name, &Figure::name);
    difference.figures.push_back({.configuration = id, .promoted = old ? std::optional(*old) : std::nullopt, .proposed = figure});
  }
  for (const Figure& figure : old_figures)
    if (!find(new_figures, figure.name, &Figure::name)) difference.figures.push_back({.configuration = id, .promoted = figure});
}

void add_margins(BaselineDifference& difference, const std::string& id, const Floor* promoted, const Floor* proposed) {
  const std::vector<FloorScore> none;
  const auto& old_scores = promoted ? promoted->scores : none;
  const auto& new_scores = proposed ? proposed->scores : none;
  for (const FloorScore& score : old_scores) {
    const FloorScore* now = find(new_scores, score.score, &FloorScore::score);
    MarginChange change{.floor = id, .score = score.score, .promoted = score.margin};
    if (now) change.proposed = now->margin;
    change.loosens = !now || now->margin > score.margin * (1 + kRounding);
    difference.margins.push_back(change);
  }
  for (const FloorScore& score : new_scores)
    if (!find(old_scores, score.score, &FloorScore::score))
      difference.margins.push_back({.floor = id, .score = score.score, .proposed = score.margin});
}

}  // namespace

BaselineDifference compare_baselines(const Baseline& promoted, const Baseline& proposed) {
  BaselineDifference difference;
  for (const Entry& entry : proposed.entries)
    add_figures(difference, find(promoted.entries, entry.configuration, &Entry::configuration), &entry);
  for (const Entry& entry : promoted.entries)
    if (!find(proposed.entries, entry.configuration, &Entry::configuration)) add_figures(difference, &entry, nullptr);
  for (const Floor& floor : promoted.floors)
    add_margins(difference, floor.configuration, &floor, find(proposed.floors, floor.configuration, &Floor::configuration));
  for (const Floor& floor : proposed.floors)
    if (!find(promoted.floors, floor.configuration, &Floor::configuration)) add_margins(difference, floor.configuration, nullptr, &floor);
  return difference;
}

Baseline promoted(const Baseline& before, Baseline proposed, const std::string& reason) {
  std::vector<std::string> looser;
  for (const MarginChange& margin : compare_baselines(before, proposed).margins)
    if (margin.loosens)
      looser.push_back(fmt::format("{} of {}: {:.4g} to {}", margin.score, margin.floor, *margin.promoted,
                                   margin.proposed ? fmt::format("{:.4g}", *margin.proposed) : "none"));
  if (!looser.empty() && reason.find_first_not_of(" \t\n") == std::string::npos)
    throw UsageError(fmt::format("margins would loosen ({}); say why with --reason", fmt::join(looser, "; ")));
  if (!reason.empty()) {
    for (Entry& entry : proposed.entries) entry.provenance.reason = reason;
    for (Floor& floor : proposed.floors) floor.provenance.reason = reason;
  }
  return proposed;
}

}  // namespace wan::baseline
