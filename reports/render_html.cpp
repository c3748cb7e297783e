#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "reports/format.h"
#include "reports/page.h"
#include "reports/render.h"
#include "reports/summary.h"

namespace wan::reports {
namespace {

Markup facts(const store::RunRecord& run) {
  const auto& environment = run.environment;
  const std::vector<std::pair<std::string, std::string>> known{
      {"Model", run.model},
      {"Device", environment.device_name.empty() ? environment.device : environment.device_name},
      {"Clips", fmt::format("{} × {}", count_of(run.prompts.size(), "prompt"), count_of(run.seeds.size(), "seed"))},
      {"Shape",
       fmt::format("{}×{}, {}, {}", run.shape.width, run.shape.height, count_of(static_cast<std::size_t>(run.shape.frames), "frame"),
                   count_of(static_cast<std::size_t>(run.shape.steps), "step"))},
      {"Revision", environment.git_revision},
      {"Started", environment.started_at},
      {"Took", run.elapsed_s > 0 ? format_duration(run.elapsed_s) : ""}};
  Markup list;
  for (const auto& [name, value] : known)
    if (!value.empty()) list += element("div", element("dt", name) + element("dd", value));
  return element("dl", {{"class", "facts"}}, list);
}

Markup banner(const Dataset& data) {
  const auto run = summarize_run(data, summarize(data));
  const std::string where = data.run.run_id.empty() ? "wan-eval" : "wan-eval · run " + data.run.run_id;
  const Markup sentence = element("p", {{"class", "verdict"}}, badge(run.overall) + element("span", run.sentence));
  return element("header", {{"class", outcome_id(run.overall)}},
                 element("p", {{"class", "kicker"}}, where) + element("h1", run_title(data.run)) + sentence + facts(data.run));
}

}  // namespace

std::string render_html(const Dataset& data) {
  std::vector<const Section*> sections(catalogue().begin(), catalogue().end());
  std::stable_sort(sections.begin(), sections.end(), [](const Section* a, const Section* b) { return a->order < b->order; });
  Page page;
  for (const auto* section : sections) {
    page.section(section->id, section->title);
    section->render(data, page);
  }
  return page.finish({.title = run_title(data.run) + " – wan-eval report",
                      .banner = banner(data),
                      .footer = fmt::format("wan-eval {} · schema {} · this page is complete in itself and asks nothing of the network",
                                            data.run.environment.version, data.run.schema)});
}

}  // namespace wan::reports
