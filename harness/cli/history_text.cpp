#include "harness/cli/history_text.h"

#include <fmt/format.h>

#include "harness/cli/json_object.h"
#include "harness/cli/text_table.h"
#include "reports/format.h"
#include "reports/history_text.h"

namespace wan::cli {
namespace {

using history::Series;

std::string heading(const Series& series) {
  return fmt::format("{} · {} · {}, {}, {}", series.scope.machine_class, series.scope.model, series.scope.suite,
                     reports::count_of(static_cast<std::size_t>(series.clips), "clip"), series.scope.shape);
}

// One row a series, and one more for every change but the first.
void add_rows(TextTable& table, const Series& series) {
  std::vector<std::string> row{series.configuration, reports::figure_label(series.figure), fmt::format("{}", series.nights.size()),
                               reports::format_figure(series.figure, series.nights.front().value),
                               reports::format_figure(series.figure, series.nights.back().value)};
  for (const auto& change : series.changes) {
    row.push_back(reports::change_text(series, change));
    table.rows.push_back(row);
    row.assign(5, "");
  }
  if (series.changes.empty()) table.rows.push_back(row);
}

}  // namespace

std::string history_text(const history::History& history) {
  std::string text, last;
  TextTable table{.columns = {{"configuration"}, {"figure"}, {"nights", true}, {"first", true}, {"latest", true}, {"changes of level"}}};
  const auto flush = [&] {
    if (!table.rows.empty()) text += fmt::format("{}\n{}\n", last, render(table));
    table.rows.clear();
  };
  for (const auto& series : history.series) {
    if (heading(series) != last) flush();
    last = heading(series);
    add_rows(table, series);
  }
  flush();
  return fmt::format("{}{}\n{}\n", text, reports::history_sentence(history), history.series.empty() ? "" : reports::kHistoryNote);
}

std::string history_json(const history::History& history) {
  const auto write_night = [](const history::Night& night) {
    return JsonObject()
        .text("run", night.folder)
        .text("started_at", night.started_at)
        .number("value", night.value)
        .text("commit", night.git_revision)
        .text("build_id", night.build_id)
        .text("weights_hash", night.weights_hash)
        .text("driver", night.driver)
        .str();
  };
  const auto write_difference = [](const history::Difference& difference) {
    return JsonObject().text("what", difference.what).text("before", difference.before).text("after", difference.after).str();
  };
  const auto write_series = [&](const Series& series) {
    const auto write_change = [&](const history::Change& change) {
      return JsonObject()
          .text("run", series.nights[change.night].folder)
          .text("started_at", series.nights[change.night].started_at)
          .number("before", change.before)
          .number("after", change.after)
          .text("direction", change.better ? "better" : "worse")
          .number("p", change.p)
          .raw("differences", json_list_of(change.differences, write_difference))
          .str();
    };
    JsonObject json;
    json.text("configuration", series.configuration).text("figure", series.figure);
    json.text("machine_class", series.scope.machine_class).text("model", series.scope.model);
    json.text("suite", series.scope.suite).text("shape", series.scope.shape).count("clips", static_cast<std::size_t>(series.clips));
    json.number("p", series.p).number("adjusted_p", series.adjusted_p);
    json.raw("nights", json_list_of(series.nights, write_night));
    return json.raw("changes", json_list_of(series.changes, write_change)).str();
  };
  JsonObject json;
  json.raw("schema", "1").count("tested", history.tested).raw("series", json_list_of(history.series, write_series));
  return json.texts("skipped", history.skipped).str() + "\n";
}

}  // namespace wan::cli
