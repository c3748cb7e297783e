// Where the seconds go: stages, steps, loading; and how many forward passes were made for them.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "harness/gate/visit_times.h"
#include "harness/measure/statistics.h"
#include "reports/charts.h"
#include "reports/format.h"
#include "reports/page.h"
#include "reports/section.h"
#include "reports/summary.h"

namespace wan::reports {
namespace {

// Of the clips that were generated and timed in this run; all others carry times of another visit.
struct Times {
  std::size_t n = 0, untimed = 0;
  std::vector<double> clip_s = {}, high_noise_step_s = {}, low_noise_step_s = {};
  std::vector<std::vector<double>> stage_s = {};  // one a stage name
  std::vector<double> forwards = {};
};

std::vector<std::string> stage_names(const store::RunRecord& run) {
  std::vector<std::string> names;
  for (const auto& record : run.configurations)
    for (const auto& cell : record.cells)
      for (const auto& stage : cell.stages.stages)
        if (std::find(names.begin(), names.end(), stage.name) == names.end()) names.push_back(stage.name);
  return names;
}

Times times_of(const store::ConfigurationRecord& record, const std::vector<std::string>& stages) {
  Times times{.stage_s = std::vector<std::vector<double>>(stages.size())};
  for (const auto& cell : record.cells) {
    if (cell.status != store::CellStatus::done) continue;
    if (!cell.timed) {
      ++times.untimed;
      continue;
    }
    ++times.n;
    times.clip_s.push_back(cell.elapsed_s);
    times.forwards.push_back(static_cast<double>(cell.transformer_forwards));
    const auto& steps = cell.stages.step_s;
    const auto change = steps.begin() + std::clamp<std::int64_t>(cell.stages.high_noise_steps, 0, std::ssize(steps));
    times.high_noise_step_s.insert(times.high_noise_step_s.end(), steps.begin(), change);
    times.low_noise_step_s.insert(times.low_noise_step_s.end(), change, steps.end());
    for (std::size_t s = 0; s < stages.size(); ++s) times.stage_s[s].push_back(cell.stages.stage_s(stages[s]));
  }
  return times;
}

std::string median_text(const std::vector<double>& samples) { return samples.empty() ? "–" : format_duration(measure::median(samples)); }

// Few samples have no quartiles worth the name.
std::string spread(const std::vector<double>& samples) {
  if (samples.size() < measure::kFewestSamplesForNoise) return "–";
  return fmt::format("{} to {}", format_duration(measure::quantile(samples, 0.25)), format_duration(measure::quantile(samples, 0.75)));
}

std::string forwards_text(const std::vector<double>& forwards) {
  if (forwards.empty()) return "–";
  const auto [low, high] = std::minmax_element(forwards.begin(), forwards.end());
  return *low == *high ? format_number(*low, 0) : fmt::format("{} to {}", format_number(*low, 0), format_number(*high, 0));
}

std::string words(std::string stage) {
  std::replace(stage.begin(), stage.end(), '_', ' ');
  return stage;
}

Markup chart(const std::vector<const store::ConfigurationRecord*>& records, const std::vector<Times>& all,
             const std::vector<std::string>& stages) {
  BarChart bars{.title = "Time of one clip by stage", .caption = "Medians of the stages over the timed clips.", .axis = "seconds"};
  for (const auto& stage : stages) bars.series.push_back(words(stage));
  for (std::size_t r = 0; r < records.size(); ++r) {
    if (all[r].n == 0) continue;
    BarChart::Row row{.label = records[r]->configuration.id, .value = median_text(all[r].clip_s)};
    for (const auto& stage : all[r].stage_s) row.parts.push_back(measure::median(stage));
    bars.rows.push_back(std::move(row));
  }
  return bars.rows.empty() || stages.empty() ? Markup{} : bar_chart(bars);
}

void render_notes(const Dataset& data, std::size_t untimed, Page& page) {
  std::vector<std::pair<std::string, std::vector<std::string>>> unclaimed;  // by reason, in the run's order
  for (const auto& record : data.run.configurations) {
    if (record.speed_claimable.empty()) continue;
    const std::string reason = one_line(record.speed_claimable);
    auto same = std::find_if(unclaimed.begin(), unclaimed.end(), [&reason](const auto& known) { return known.first == reason; });
    if (same == unclaimed.end()) same = unclaimed.insert(same, {reason, {}});
    same->second.push_back(record.configuration.id);
  }
  for (const auto& [reason, ids] : unclaimed)
    page.warning(fmt::format("Not a speed claim on this device: {}. This concerns {}.", reason, join(ids, ", ")));
  if (untimed > 0)
    page.note(fmt::format("{} came from the store or an earlier visit of this run; {} not part of these figures.",
                          count_of(untimed, "clip"), untimed == 1 ? "it is" : "they are"));
}

// What decided on speed where visits time steps.
void render_timed_steps(const store::RunRecord& run, Page& page) {
  if (!gate::times_steps(run)) return;
  page.paragraph(
      fmt::format("Speed is judged by visits of {} after one load, without a clip being decoded. What counts of a visit is the "
                  "denoising loop that they predict: the steps that a clip takes of each expert times the median of its timed "
                  "ones. Whole clips are made once, for their quality.",
                  gate::timed_text(run)));
  Table grid{.caption = "Medians over the visits that are not void; the spread is the middle half, from five visits on.",
             .columns = {{"Configuration"},
                         {"Visits", true},
                         {"High-noise step", true},
                         {"Low-noise step", true},
                         {"Predicted loop", true, "of one clip; text encoding and decoding are not part of it"},
                         {"Middle half", true}}};
  for (const auto& record : run.configurations) {
    std::vector<double> high_s, low_s;
    for (const auto& [block, visit] : gate::visits_of(run, record.configuration.id)) {
      if (!visit->steps || !visit->void_reason.empty()) continue;
      high_s.insert(high_s.end(), visit->steps->high_noise_step_s.begin(), visit->steps->high_noise_step_s.end());
      low_s.insert(low_s.end(), visit->steps->low_noise_step_s.begin(), visit->steps->low_noise_step_s.end());
    }
    const auto loops_s = gate::valid_visit_s(run, record.configuration.id);
    grid.rows.push_back({{record.configuration.id},
                         {std::to_string(loops_s.size())},
                         {median_text(high_s)},
                         {median_text(low_s)},
                         {median_text(loops_s)},
                         {spread(loops_s)}});
  }
  page.add(table(grid));
}

void render(const Dataset& data, Page& page) {
  const auto stages = stage_names(data.run);
  std::vector<const store::ConfigurationRecord*> records;
  std::vector<Times> all;
  std::size_t timed = 0, untimed = 0;
  for (const auto& record : data.run.configurations) {
    records.push_back(&record);
    all.push_back(times_of(record, stages));
    timed += all.back().n;
    untimed += all.back().untimed;
  }
  render_notes(data, untimed, page);
  render_timed_steps(data.run, page);
  if (timed == 0) {
    page.paragraph("No clip was timed in this run.");
    return;
  }
  page.add(chart(records, all, stages));
  Table grid{.caption = "Medians over the timed clips; the spread is the middle half of the clips' times, from five clips on.",
             .columns = {{"Configuration"}, {"Clips", true}, {"One clip", true}, {"Middle half", true}}};
  for (const auto& stage : stages) grid.columns.push_back({words(stage), true});
  const bool experts = std::any_of(all.begin(), all.end(), [](const Times& times) { return !times.low_noise_step_s.empty(); });
  constexpr const char* kStep = "median over the denoising steps of all timed clips, by events on a device";
  grid.columns.push_back({experts ? "High-noise step" : "One step", true, kStep});
  if (experts) grid.columns.push_back({"Low-noise step", true, kStep});
  grid.columns.push_back({"Forwards", true, "forward passes of the transformer for one clip, counted"});
  grid.columns.push_back({"Load", true});
  for (std::size_t r = 0; r < records.size(); ++r) {
    std::vector<TableCell> row{
        {records[r]->configuration.id}, {std::to_string(all[r].n)}, {median_text(all[r].clip_s)}, {spread(all[r].clip_s)}};
    for (const auto& stage : all[r].stage_s) row.emplace_back(median_text(stage));
    row.emplace_back(median_text(all[r].high_noise_step_s));
    if (experts) row.emplace_back(median_text(all[r].low_noise_step_s));
    row.insert(row.end(), {{forwards_text(all[r].forwards)}, {records[r]->load_s > 0 ? format_duration(records[r]->load_s) : "–"}});
    grid.rows.push_back(std::move(row));
  }
  page.add(table(grid));
}

}  // namespace

extern const Section timing;
const Section timing{.id = "timing", .title = "Timing", .order = 60, .render = render};

}  // namespace wan::reports
