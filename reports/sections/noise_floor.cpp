// How far BF16 lies from itself, and every configuration beside it.
#include <fmt/format.h>

#include "harness/gate/suite_scores.h"
#include "reports/format.h"
#include "reports/page.h"
#include "reports/section.h"
#include "reports/summary.h"

namespace wan::reports {
namespace {

struct Distance {
  const char* metric;
  bool complement;  // 1 - value
  const char* label;
  int digits;
};
constexpr Distance kDistances[] = {{kLpips, false, "LPIPS", 4}, {kSsim, true, "1 − SSIM", 4}, {kMse, false, "MSE", 4}};

std::optional<double> mean_of(const store::ConfigurationRecord& record, const Distance& distance) {
  const auto clips = gate::clip_values(record, distance.metric);
  if (clips.values.empty()) return std::nullopt;
  const double mean = gate::mean_over_clips(clips.values);
  return distance.complement ? 1 - mean : mean;
}

TableCell ratio_cell(const store::RunRecord& run, const store::ConfigurationRecord& record, const Distance& distance) {
  const auto* floor = noise_floor_of(run, record);
  const auto ratio = floor ? paired_ratio(record, *floor, distance.metric, distance.complement) : std::nullopt;
  if (!ratio) return {"–", "soft"};
  if (&record == floor) return {format_ratio(*ratio), "soft"};
  const bool within = *ratio <= record.configuration.thresholds.calibrated_ratio;
  return {(within ? "✓ " : "✗ ") + format_ratio(*ratio), within ? "best" : "worst"};
}

// Empty if the configuration has no scores.
std::vector<TableCell> row_of(const store::RunRecord& run, const store::ConfigurationRecord& record) {
  std::vector<TableCell> row{{record.configuration.id},
                             {std::to_string(gate::clip_values(record, kLpips).values.size())},
                             {noise_floor_of(run, record) ? record.configuration.noise_floor : "not in this run"},
                             {format_ratio(record.configuration.thresholds.calibrated_ratio)}};
  bool any = false;
  for (const auto& distance : kDistances) {
    const auto value = mean_of(record, distance);
    any = any || value.has_value();
    row.emplace_back(value ? format_significant(*value, distance.digits) : "–");
    row.push_back(ratio_cell(run, record, distance));
  }
  if (!any) row.clear();
  return row;
}

void render(const Dataset& data, Page& page) {
  std::vector<std::string> floors;
  for (const auto* floor : noise_floors(data.run))
    if (suite_score(*floor, kLpips) || suite_score(*floor, kSsim)) floors.push_back(floor->configuration.id);
  if (floors.empty()) {
    page.paragraph("No equally valid run is part of this one or has scores, so the noise floor is not known.");
    return;
  }
  page.paragraph(
      fmt::format("{} computes the same function as its baseline at the same precision, with the sums in another order. How far its "
                  "clips lie from the baseline's is what rounding alone does, so a gate cannot sensibly ask for less.",
                  join(floors, ", ")));
  Table grid{
      .caption = "Mean distance from the quality baseline, and how many times that of the noise floor on the same prompts and seeds",
      .columns = {{"Configuration"}, {"Clips", true}, {"Noise floor"}, {"Bound", true, "of the calibrated gate, in times the floor"}}};
  for (const auto& distance : kDistances) {
    grid.columns.push_back({distance.label, true});
    grid.columns.push_back({"× floor", true});
  }
  for (const auto& record : data.run.configurations)
    if (auto row = row_of(data.run, record); !row.empty()) grid.rows.push_back(std::move(row));
  page.add(table(grid));
  page.note("✓ lies within the calibrated gate's bound, ✗ beyond it. The figures are means over the clips.");
}

}  // namespace

extern const Section noise_floor;
const Section noise_floor{.id = "noise_floor", .title = "Noise floor", .order = 90, .render = render};

}  // namespace wan::reports
