#include "reports/history_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "reports/format.h"

namespace wan::reports {
namespace {

constexpr std::size_t kLongestId = 20;  // of hashes; as much as tells two of them apart

std::string short_id(const std::string& id) { return id.empty() ? "none" : cut(one_line(id), kLongestId); }

}  // namespace

std::string day_of(const history::Night& night) { return night.started_at.substr(0, 10); }

std::string change_text(const history::Series& series, const history::Change& change) {
  std::string text =
      fmt::format("{}: {} → {} ({}), p {}", day_of(series.nights[change.night]), format_figure(series.figure, change.before),
                  format_figure(series.figure, change.after), change.better ? "better" : "worse", format_significant(change.p, 2));
  for (const auto& difference : change.differences)
    text += fmt::format("; {} {} → {}", difference.what, short_id(difference.before), short_id(difference.after));
  if (change.differences.empty()) text += "; same commit, build, weights and driver";
  return text;
}

std::string history_sentence(const history::History& history) {
  if (history.series.empty()) return "No complete run has figures yet.";
  const auto changed =
      std::count_if(history.series.begin(), history.series.end(), [](const history::Series& series) { return !series.changes.empty(); });
  std::size_t longest = 0;
  for (const auto& series : history.series) longest = std::max(longest, series.nights.size());
  if (history.tested == 0) return fmt::format("{} so far: a change point needs six.", count_of(longest, "night"));
  return fmt::format("{} of {} histories are of at least six nights; {} changed level.", history.tested, history.series.size(),
                     changed == 0 ? "none" : fmt::format("{}", changed));
}

}  // namespace wan::reports
