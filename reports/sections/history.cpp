// What the nights before this one say: each figure's course and where its level changed.
#include <fmt/format.h>

#include "reports/format.h"
#include "reports/history_text.h"
#include "reports/page.h"
#include "reports/section.h"

namespace wan::reports {
namespace {

Markup changes_of(const history::Series& series) {
  Markup text;
  for (const auto& change : series.changes) text += element("span", {{"class", "sub"}}, change_text(series, change));
  return series.changes.empty() ? Markup("–") : text;
}

void render(const Dataset& data, Page& page) {
  if (!data.history) {
    page.paragraph("Nobody asked for earlier runs; wan-eval report RUN --history shows them and where a level changed.");
    return;
  }
  page.paragraph(history_sentence(*data.history));
  if (data.history->series.empty()) return;
  Table grid{.caption = "Runs of this machine class, model, suite and shape",
             .columns = {{"Configuration"}, {"Figure"}, {"Nights", true}, {"First", true}, {"Latest", true}, {"Changes of level"}}};
  for (const auto& series : data.history->series)
    grid.rows.push_back({{series.configuration},
                         {figure_label(series.figure)},
                         {fmt::format("{}", series.nights.size())},
                         {format_figure(series.figure, series.nights.front().value)},
                         {format_figure(series.figure, series.nights.back().value)},
                         {changes_of(series)}});
  page.add(table(grid));
  page.note(kHistoryNote);
}

}  // namespace

extern const Section history;
const Section history{.id = "history", .title = "History", .order = 95, .render = render};

}  // namespace wan::reports
