// Which part of what the prompts say the clips show, claim by claim. Of prompts that the metric can read alone.
#include <fmt/format.h>

#include <algorithm>

#include "harness/gate/suite_scores.h"
#include "reports/format.h"
#include "reports/page.h"
#include "reports/section.h"
#include "reports/summary.h"

namespace wan::reports {
namespace {

// The scores that the clips of this run have, in the order in which the metric gives them; "" first: the metric itself.
std::vector<std::string> parts_of(const store::RunRecord& run) {
  const std::string stem = std::string(kAdherence) + ".";
  std::vector<std::string> parts;
  for (const auto& record : run.configurations)
    for (const auto& cell : record.cells)
      for (const auto& score : cell.scores.scores) {
        if (score.metric != kAdherence && !score.metric.starts_with(stem)) continue;
        const std::string part = score.metric == kAdherence ? "" : score.metric.substr(stem.size());
        if (score.error.empty() && std::find(parts.begin(), parts.end(), part) == parts.end()) parts.push_back(part);
      }
  return parts;
}

void render(const Dataset& data, Page& page) {
  const auto parts = parts_of(data.run);
  if (parts.empty()) {
    page.paragraph("No prompt of this run is in a language in which a clip can be held against it.");
    return;
  }
  Table grid{.caption = "Share of the clips that show what their prompt says, and the number of clips that were asked",
             .columns = {{"Configuration"}}};
  for (const std::string& part : parts) grid.columns.push_back({part.empty() ? "all" : part, true});
  for (const auto& record : data.run.configurations) {
    std::vector<TableCell> row{{record.configuration.id}};
    for (const std::string& part : parts) {
      const auto clips = gate::clip_values(record, part.empty() ? std::string(kAdherence) : fmt::format("{}.{}", kAdherence, part)).values;
      row.emplace_back(clips.empty() ? "–" : fmt::format("{} of {}", format_share(gate::mean_over_clips(clips)), clips.size()));
    }
    grid.rows.push_back(std::move(row));
  }
  page.add(table(grid));
  page.note(
      "“all” asks for colour, shape, count, motion, direction, relation and background together. “seen”: some thing is in the picture. "
      "“moving”: where the prompt says that something moves, something does.");
}

}  // namespace

extern const Section adherence;
const Section adherence{.id = "adherence", .title = "Prompt adherence", .order = 45, .render = render};

}  // namespace wan::reports
