// What did not go as asked: fallbacks, clips that are missing, values that are not finite, detectors that fired.
#include <fmt/format.h>

#include <map>

#include "reports/format.h"
#include "reports/page.h"
#include "reports/section.h"
#include "reports/summary.h"

namespace wan::reports {
namespace {

constexpr std::size_t kNamedClips = 5;

struct Fallback {
  std::string text, when;
  std::vector<std::string> configurations = {};
};

// By what happened, since most fallbacks are those of a base that many configurations share.
std::vector<Fallback> collect_fallbacks(const store::RunRecord& run) {
  std::vector<Fallback> found;
  const auto note = [&found](const std::string& text, const std::string& when, const std::string& configuration) {
    for (auto& known : found)
      if (known.text == text && known.when == when) return known.configurations.push_back(configuration);
    found.push_back({.text = text, .when = when, .configurations = {configuration}});
  };
  for (const auto& record : run.configurations) {
    for (const auto& text : record.fallbacks) note(one_line(text), "at load", record.configuration.id);
    std::map<std::string, std::vector<std::string>> clips;
    for (const auto& cell : record.cells)
      for (const auto& text : cell.fallbacks) clips[one_line(text)].push_back(cell.prompt);
    for (const auto& [text, prompts] : clips)
      note(text, prompts.size() <= kNamedClips ? join(prompts, ", ") : count_of(prompts.size(), "clip"), record.configuration.id);
  }
  return found;
}

Markup fallback_table(const store::RunRecord& run) {
  Table grid{.caption = "Fallbacks: what was wanted and what was done instead",
             .columns = {{"What happened"}, {"When"}, {"Configurations"}}};
  for (const auto& fallback : collect_fallbacks(run))
    grid.rows.push_back({{fallback.text, "text"}, {fallback.when}, {join(fallback.configurations, ", "), "why"}});
  return grid.rows.empty() ? Markup{} : table(grid);
}

Markup missing_table(const store::RunRecord& run) {
  Table grid{.caption = "Clips that are missing", .columns = {{"Configuration"}, {"Prompt"}, {"Seed", true}, {"Status"}, {"Reason"}}};
  for (const auto& record : run.configurations)
    for (const auto& cell : record.cells)
      if (cell.status != store::CellStatus::done)
        grid.rows.push_back({{record.configuration.id},
                             {cell.prompt},
                             {std::to_string(cell.seed)},
                             {store::to_string(cell.status)},
                             {one_line(cell.reason), "why"}});
  return grid.rows.empty() ? Markup{} : table(grid);
}

std::string frames_text(const metrics::ArtifactFinding& finding) {
  static constexpr std::size_t kNamedFrames = 12;
  std::vector<std::string> frames;
  for (const auto frame : finding.frames) frames.push_back(std::to_string(frame));
  if (frames.size() > kNamedFrames) {
    frames.resize(kNamedFrames);
    frames.push_back("…");
  }
  return frames.empty() ? "–" : join(frames, ", ");
}

Markup artifact_table(const store::RunRecord& run) {
  Table grid{.caption = "Detectors that fired",
             .columns = {{"Configuration"}, {"Prompt"}, {"Seed", true}, {"Detector"}, {"Frames"}, {"Detail"}}};
  for (const auto& record : run.configurations) {
    for (const auto& cell : record.cells) {
      for (const auto& finding : cell.scores.artifacts)
        if (finding.fired)
          grid.rows.push_back({{record.configuration.id},
                               {cell.prompt},
                               {std::to_string(cell.seed)},
                               {finding.detector},
                               {frames_text(finding)},
                               {one_line(finding.detail), "why"}});
      if (cell.nonfinite > 0)
        grid.rows.push_back({{record.configuration.id},
                             {cell.prompt},
                             {std::to_string(cell.seed)},
                             {"NaN or Inf"},
                             {"–"},
                             {fmt::format("{} values before clamping", cell.nonfinite), "why"}});
    }
  }
  return grid.rows.empty() ? Markup{} : table(grid);
}

Markup score_errors(const store::RunRecord& run) {
  Table grid{.caption = "Scores without a number", .columns = {{"Configuration"}, {"Prompt"}, {"Score"}, {"Reason"}}};
  for (const auto& record : run.configurations)
    for (const auto& cell : record.cells)
      for (const auto& score : cell.scores.scores)
        if (!score.error.empty())
          grid.rows.push_back({{record.configuration.id}, {cell.prompt}, {score.metric}, {one_line(score.error), "why"}});
  return grid.rows.empty() ? Markup{} : table(grid);
}

void render(const Dataset& data, Page& page) {
  const Markup found = missing_table(data.run) + fallback_table(data.run) + artifact_table(data.run) + score_errors(data.run);
  if (found.empty()) {
    page.paragraph(data.run.configurations.empty() ? "Nothing was run, so nothing failed."
                                                   : "Every clip was made as asked: no fallback, no failure, no detector fired.");
    return;
  }
  page.add(found);
}

}  // namespace

extern const Section fallbacks;
const Section fallbacks{.id = "fallbacks", .title = "Fallbacks and failures", .order = 80, .render = render};

}  // namespace wan::reports
