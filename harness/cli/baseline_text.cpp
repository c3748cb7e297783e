#include "harness/cli/baseline_text.h"

#include <fmt/format.h>

#include <cctype>

#include "harness/cli/text_table.h"
#include "reports/format.h"

namespace wan::cli {
namespace {

std::string number(const std::string& name, double value) {
  return name.ends_with("_s") ? reports::format_duration(value) : reports::format_figure(name, value);
}

std::string figure_text(const std::optional<baseline::Figure>& figure) {
  if (!figure) return "–";
  return fmt::format("{} [{}, {}]", number(figure->name, figure->value), number(figure->name, figure->low),
                     number(figure->name, figure->high));
}

std::string change_text(const baseline::FigureChange& change) {
  if (!change.promoted) return "new";
  if (!change.proposed) return "gone";
  if (change.promoted->value == change.proposed->value) return "same";
  if (change.promoted->value == 0) return "";
  return fmt::format("{:+.2f} %", 100 * (change.proposed->value / change.promoted->value - 1));
}

std::string margin_text(const std::optional<double>& margin) { return margin ? fmt::format("{:.4g}", *margin) : "–"; }

}  // namespace

std::string baseline_text(const baseline::Baseline& baseline) {
  TextTable figures{.columns = {{"configuration"}, {"figure"}, {"value [95 % over nights]"}, {"nights", true}}};
  for (const auto& entry : baseline.entries)
    for (const auto& figure : entry.figures)
      figures.rows.push_back({entry.configuration, figure.name, figure_text(figure), std::to_string(entry.n)});
  std::string text = fmt::format("{}\ntier {}, suite {}, {}, {}\n\n{}", baseline.machine_class, baseline.tier, baseline.suite,
                                 baseline.model, baseline.shape, render(figures));
  TextTable floors{.columns = {{"floor"}, {"score"}, {"mean loss", true}, {"SD", true}, {"margin", true}, {"prompts", true}}};
  for (const auto& floor : baseline.floors)
    for (const auto& score : floor.scores)
      floors.rows.push_back({floor.configuration, score.score, fmt::format("{:.4g}", score.mean),
                             fmt::format("{:.4g}", score.standard_deviation), margin_text(score.margin), std::to_string(score.prompts)});
  return floors.rows.empty() ? text : text + "\n" + render(floors);
}

std::string difference_text(const baseline::BaselineDifference& difference) {
  TextTable figures{.columns = {{"configuration"}, {"figure"}, {"promoted"}, {"proposed"}, {"change", true}}};
  for (const auto& change : difference.figures)
    figures.rows.push_back({change.configuration, (change.proposed ? change.proposed : change.promoted)->name, figure_text(change.promoted),
                            figure_text(change.proposed), change_text(change)});
  TextTable margins{.columns = {{"margin of"}, {"score"}, {"promoted", true}, {"proposed", true}, {""}}};
  for (const auto& change : difference.margins)
    margins.rows.push_back({change.floor, change.score, margin_text(change.promoted), margin_text(change.proposed),
                            change.loosens ? "loosens: needs --reason" : ""});
  return render(figures) + (margins.rows.empty() ? "" : "\n" + render(margins));
}

std::string tag_text(const std::string& stem, const baseline::Baseline& baseline) {
  std::string date;
  for (const char c : baseline.entries.empty() ? std::string() : baseline.entries.front().provenance.date.substr(0, 10))
    if (std::isdigit(static_cast<unsigned char>(c))) date += c;
  const std::string tag = fmt::format("baseline-{}-{}", stem, date);
  return fmt::format(
      "After review: git add suites/baselines/{}.json && git commit\nTag to set: {}\n  git tag -a {} -m \"Baseline of {}\"\n", stem, tag,
      tag, baseline.machine_class);
}

}  // namespace wan::cli
