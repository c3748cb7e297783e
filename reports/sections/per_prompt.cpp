// Scores clip by clip: where along the prompts a configuration is good or bad, drawn and in numbers.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "harness/gate/suite_scores.h"
#include "reports/charts.h"
#include "reports/format.h"
#include "reports/page.h"
#include "reports/section.h"
#include "reports/summary.h"

namespace wan::reports {
namespace {

// One score as this section shows it: its bound and which side of it is good.
struct Shown {
  const char* metric;
  std::string axis;
  double bound;
  bool higher_is_better;
};

std::vector<const store::ConfigurationRecord*> scored(const store::RunRecord& run) {
  std::vector<const store::ConfigurationRecord*> records;
  for (const auto& record : run.configurations)
    if (suite_score(record, kSsim) || suite_score(record, kLpips) || suite_score(record, kPsnr)) records.push_back(&record);
  return records;
}

std::string clip_name(const store::RunRecord& run, const std::string& prompt, std::uint64_t seed) {
  return run.seeds.size() > 1 ? fmt::format("{}, seed {}", prompt, seed) : prompt;
}

Markup strip(const Dataset& data, const std::vector<const store::ConfigurationRecord*>& records, const Shown& shown) {
  StripChart chart{.title = figure_label(shown.metric) + " of every clip",
                   .caption =
                       "One dot a clip; the stroke is the suite's value. Dashed: the bound of the roadmap gate; dotted: the noise floor, "
                       "what an equally valid run has.",
                   .axis = shown.axis,
                   .lines = {{shown.bound, fmt::format("bound {}", shown.bound)}}};
  for (const auto* floor : noise_floors(data.run))
    if (const auto value = suite_score(*floor, shown.metric)) chart.lines.push_back({*value, floor->configuration.id, true});
  for (const auto* record : records) {
    const auto suite = suite_score(*record, shown.metric);
    if (!suite) continue;
    StripChart::Row row{.label = record->configuration.id, .mean = *suite};
    for (const auto& cell : record->cells)
      if (const auto value = score_of(cell, shown.metric))
        row.dots.push_back(
            {*value, fmt::format("{}: {}", clip_name(data.run, cell.prompt, cell.seed), format_figure(shown.metric, *value))});
    chart.rows.push_back(std::move(row));
  }
  return chart.rows.empty() ? Markup{} : strip_chart(chart);
}

// Of one value beside the noise floor's on the same clips. Icon and colour say the same.
TableCell rated(std::optional<double> value, std::optional<double> floor, const Shown& shown, double tolerance) {
  if (!value) return {"–", "soft"};
  const double distance = shown.higher_is_better ? 1 - *value : *value;
  const bool meets = shown.higher_is_better ? *value > shown.bound : *value < shown.bound;
  const std::string number = format_figure(shown.metric, *value);
  if (meets) return {"✓ " + number, "best"};
  if (floor && distance <= tolerance * (shown.higher_is_better ? 1 - *floor : *floor)) return {"≈ " + number, "near"};
  return {"✗ " + number, "worst"};
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

std::optional<double> category_mean(const store::ConfigurationRecord* record, const std::string& category, const char* metric) {
  if (!record) return std::nullopt;
  std::vector<double> values;
  for (const auto& cell : record->cells)
    if (cell.category == category)
      if (const auto value = score_of(cell, metric)) values.push_back(*value);
  if (values.empty()) return std::nullopt;
  return mean(values);
}

Table grid(const std::string& caption, const std::string& what, const std::vector<const store::ConfigurationRecord*>& records) {
  Table result{.caption = caption, .columns = {{what}}};
  for (const auto* record : records) result.columns.push_back({record->configuration.id, true});
  return result;
}

Markup by_category(const Dataset& data, const std::vector<const store::ConfigurationRecord*>& records, const Shown& shown) {
  std::vector<std::string> categories;
  for (const auto& prompt : data.run.prompts)
    if (!prompt.category.empty() && std::find(categories.begin(), categories.end(), prompt.category) == categories.end())
      categories.push_back(prompt.category);
  if (categories.empty()) return {};
  Table result{.caption = fmt::format("{} by category, mean over its clips", figure_label(shown.metric)), .columns = {{"Configuration"}}};
  for (const auto& category : categories) result.columns.push_back({category, true});
  for (const auto* record : records) {
    std::vector<TableCell> row{{record->configuration.id}};
    for (const auto& category : categories)
      row.push_back(rated(category_mean(record, category, shown.metric),
                          category_mean(noise_floor_of(data.run, *record), category, shown.metric), shown,
                          record->configuration.thresholds.calibrated_ratio));
    result.rows.push_back(std::move(row));
  }
  return table(result);
}

Markup by_prompt(const Dataset& data, const std::vector<const store::ConfigurationRecord*>& records, const Shown& shown) {
  const auto value_of = [&](const store::ConfigurationRecord* record, const std::string& prompt,
                            std::uint64_t seed) -> std::optional<double> {
    const auto* cell = record ? find_cell(*record, prompt, seed) : nullptr;
    return cell ? score_of(*cell, shown.metric) : std::nullopt;
  };
  Table result = grid(fmt::format("{} by prompt", figure_label(shown.metric)), "Prompt", records);
  for (const auto& prompt : data.run.prompts) {
    for (const auto seed : data.run.seeds) {
      std::vector<TableCell> row{{clip_name(data.run, prompt.id, seed)}};
      for (const auto* record : records)
        row.push_back(rated(value_of(record, prompt.id, seed), value_of(noise_floor_of(data.run, *record), prompt.id, seed), shown,
                            record->configuration.thresholds.calibrated_ratio));
      result.rows.push_back(std::move(row));
    }
  }
  return table(result);
}

void render(const Dataset& data, Page& page) {
  const auto records = scored(data.run);
  if (records.empty()) {
    page.paragraph("No clip has a score.");
    return;
  }
  const auto& bounds = records.back()->configuration.thresholds;
  const Shown ssim{kSsim, "SSIM (ssim.ipol), 1 is identical", bounds.min_ssim, true};
  const Shown lpips{kLpips, "LPIPS (lpips.alex), 0 is identical", bounds.max_lpips, false};
  const Shown psnr{kPsnr, "PSNR in dB", bounds.min_psnr_db, true};
  for (const auto& shown : {ssim, lpips, psnr}) page.add(strip(data, records, shown));
  page.note(
      "In the tables: ✓ meets the roadmap gate's bound; ≈ does not, but lies within the noise floor of the same clips; ✗ lies beyond "
      "both.");
  for (const auto& shown : {ssim, lpips}) page.add(by_category(data, records, shown));
  page.add(details("SSIM of every clip", by_prompt(data, records, ssim)));
  page.add(details("LPIPS of every clip", by_prompt(data, records, lpips)));
}

}  // namespace

extern const Section per_prompt;
const Section per_prompt{.id = "per_prompt", .title = "Scores by prompt", .order = 40, .render = render};

}  // namespace wan::reports
