// Both quality gates side by side, and every criterion with value, bound, margin and the number of clips it rests on.
#include <fmt/format.h>

#include <algorithm>

#include "reports/format.h"
#include "reports/page.h"
#include "reports/section.h"
#include "reports/summary.h"

namespace wan::reports {
namespace {

using Gate = gate::GateResult gate::Verdict::*;

// A count of faults that is zero for everybody says nothing in an overview; its place is the full list.
bool clean_everywhere(const std::vector<ConfigurationSummary>& judged, Gate which, const std::string& name) {
  for (const auto& summary : judged)
    for (const auto& criterion : (summary.verdict->*which).criteria)
      if (criterion.name == name && (criterion.outcome != gate::Outcome::held || criterion.bound != 0.0 || criterion.value != 0.0))
        return false;
  return true;
}

std::vector<std::string> criterion_names(const std::vector<ConfigurationSummary>& judged, Gate which) {
  std::vector<std::string> names;
  for (const auto& summary : judged)
    for (const auto& criterion : (summary.verdict->*which).criteria)
      if (std::find(names.begin(), names.end(), criterion.name) == names.end()) names.push_back(criterion.name);
  std::erase_if(names, [&](const std::string& name) { return clean_everywhere(judged, which, name); });
  return names;
}

const gate::Criterion* find(const gate::GateResult& result, const std::string& name) {
  for (const auto& criterion : result.criteria)
    if (criterion.name == name) return &criterion;
  return nullptr;
}

const char* cell_style(gate::Outcome outcome) {
  switch (outcome) {
    case gate::Outcome::held:
      return "best";
    case gate::Outcome::failed:
    case gate::Outcome::rejected:
      return "worst";
    case gate::Outcome::inconclusive:
    case gate::Outcome::invalid:
      return "near";
    default:
      return "soft";
  }
}

TableCell criterion_cell(const gate::Criterion* criterion) {
  if (!criterion) return {"–", "soft"};
  Markup content = outcome_icon(criterion->outcome) + " " + format_figure(criterion->name, criterion->value);
  if (criterion->bound) content += element("span", {{"class", "sub"}}, "bound " + format_figure(criterion->name, *criterion->bound));
  return {content, cell_style(criterion->outcome)};
}

Markup overview(const std::vector<ConfigurationSummary>& judged, Gate which, const std::string& caption) {
  const auto names = criterion_names(judged, which);
  Table grid{.caption = caption, .columns = {{"Configuration"}, {"Outcome"}}};
  for (const auto& name : names) grid.columns.push_back({figure_label(name), true});
  for (const auto& summary : judged) {
    const auto& result = summary.verdict->*which;
    std::vector<TableCell> row{{summary.id()}, {badge(result.outcome)}};
    for (const auto& name : names) row.push_back(criterion_cell(find(result, name)));
    grid.rows.push_back(std::move(row));
  }
  return table(grid);
}

std::string interval_text(const gate::Criterion& criterion) {
  if (!criterion.low || !criterion.high) return "–";
  return fmt::format("{} to {}", format_figure(criterion.name, *criterion.low), format_figure(criterion.name, *criterion.high));
}

Markup outcome_at_level(const gate::Criterion& criterion) {
  Markup outcome = badge(criterion.outcome);
  if (criterion.level != plan::Level::error) outcome += Markup(fmt::format(" ({})", to_string(criterion.level)));
  return outcome;
}

void add_criteria(Table& grid, const std::string& gate_name, const gate::GateResult& result) {
  for (const auto& criterion : result.criteria)
    grid.rows.push_back({{figure_label(criterion.name)},
                         {gate_name},
                         {outcome_at_level(criterion)},
                         {format_figure(criterion.name, criterion.value)},
                         {interval_text(criterion)},
                         {format_figure(criterion.name, criterion.bound)},
                         {format_figure(criterion.name, criterion.margin)},
                         {std::to_string(criterion.n)},
                         {one_line(criterion.reason), "why"}});
}

Markup all_criteria(const ConfigurationSummary& summary) {
  Table grid{.caption = "Criteria of " + summary.id() +
                        ". A positive margin lies on the good side of the bound; n counts clips or blocks; intervals are of 95 % (speed, "
                        "artifacts) or two one-sided bounds of 95 % (quality).",
             .columns = {{"Criterion"},
                         {"Gate"},
                         {"Outcome"},
                         {"Value", true},
                         {"Interval", true},
                         {"Bound", true},
                         {"Margin", true},
                         {"n", true},
                         {"Reason"}}};
  add_criteria(grid, "speed", summary.verdict->speed);
  add_criteria(grid, "roadmap", summary.verdict->quality_roadmap);
  add_criteria(grid, "calibrated", summary.verdict->quality_calibrated);
  return table(grid);
}

// What became of a registered extension; empty without one.
std::string extension_sentence(const store::RunRecord& run) {
  const store::Extension& extension = run.extension;
  if (extension.blocks == 0) return {};
  std::string became = "the planned blocks are not done yet";
  if (extension.decided && extension.configurations.empty())
    became = "no speed was open, so it was not needed";
  else if (extension.decided)
    became = fmt::format("it was {} for {}{}", extension.unused.empty() ? "used" : "not used", fmt::join(extension.configurations, ", "),
                         extension.unused.empty() ? "" : ": " + extension.unused);
  return fmt::format(
      "Speed: an extension from {} to {} blocks was registered beforehand, so each of the two looks has an interval of 97.5 %; {}.",
      run.blocks, run.blocks + extension.blocks, became);
}

void render(const Dataset& data, Page& page) {
  std::vector<ConfigurationSummary> judged;
  for (auto& summary : summarize(data))
    if (summary.verdict && !summary.reference) judged.push_back(std::move(summary));
  if (judged.empty()) {
    page.paragraph("No configuration was judged, so there is nothing to explain.");
    return;
  }
  page.paragraph(
      "Two gates look at quality, and a configuration file says which one decides. The roadmap gate asks whether the clips are nearly the "
      "same clips: SSIM, LPIPS and PSNR against BF16 must lie beyond fixed bounds. The calibrated gate asks whether they are further from "
      "BF16 "
      "than BF16 is from itself: the same model with the sums in another order is just as valid, and its distance is the noise floor.");
  page.note("Intervals: of speed and of the share of artifacts 95 %, of quality figures two one-sided bounds of 95 % over prompts.");
  page.note(
      "A diffusion trajectory amplifies roundings, so a lossy configuration may miss the roadmap's bounds and still be indistinguishable "
      "from noise.");
  page.add(overview(judged, &gate::Verdict::quality_roadmap, "Roadmap gate: against fixed bounds"));
  page.add(overview(judged, &gate::Verdict::quality_calibrated,
                    data.run.promoted_floors.empty() ? "Calibrated gate: against the noise floor of this run"
                                                     : "Calibrated gate: against the promoted noise floor"));
  if (const std::string sentence = extension_sentence(data.run); !sentence.empty()) page.note(sentence);
  if (!data.run.floor_source.empty()) page.note("Noise floor of the calibrated gate: " + data.run.floor_source + ".");
  Markup everything;
  for (const auto& summary : judged) everything += all_criteria(summary);
  page.note("Counts of faults that are zero everywhere are left out above.");
  page.add(details("Every criterion of every configuration", everything));
}

}  // namespace

extern const Section gates;
const Section gates{.id = "gates", .title = "Gates explained", .order = 30, .render = render};

}  // namespace wan::reports
