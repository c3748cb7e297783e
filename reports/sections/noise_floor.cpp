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

TableCell ratio_cell(const store::ConfigurationRecord& record, const store::ConfigurationRecord& twin, const Distance& distance) {
  const auto ratio = paired_ratio(record, twin, distance.metric, distance.complement);
  if (!ratio) return {"–", "soft"};
  if (&record == &twin) return {format_ratio(*ratio), "soft"};
  const bool within = *ratio <= record.configuration.thresholds.calibrated_ratio;
  return {(within ? "✓ " : "✗ ") + format_ratio(*ratio), within ? "best" : "worst"};
}

void render(const Dataset& data, Page& page) {
  const auto* twin = gate::find_configuration(data.run, kNoiseFloor);
  if (!twin || !suite_score(*twin, kLpips)) {
    page.paragraph(fmt::format("{} is not part of this run or has no scores, so the noise floor is not known.", kNoiseFloor));
    return;
  }
  page.paragraph(
      fmt::format("{} is BF16 with the hidden units of every feed-forward layer in another order: the same function, the same precision, "
                  "other roundings. "
                  "Its distance from bf16 is what rounding alone does to a clip, so a gate cannot sensibly ask for less.",
                  kNoiseFloor));
  Table grid{.caption = fmt::format("Mean distance from the quality baseline, and how many times that of {} on the same prompts and seeds",
                                    kNoiseFloor),
             .columns = {{"Configuration"}, {"Clips", true}}};
  for (const auto& distance : kDistances) {
    grid.columns.push_back({distance.label, true});
    grid.columns.push_back({"× floor", true});
  }
  for (const auto& record : data.run.configurations) {
    std::vector<TableCell> row{{record.configuration.id}, {std::to_string(gate::clip_values(record, kLpips).values.size())}};
    bool any = false;
    for (const auto& distance : kDistances) {
      const auto value = mean_of(record, distance);
      any = any || value.has_value();
      row.emplace_back(value ? format_significant(*value, distance.digits) : "–");
      row.push_back(ratio_cell(record, *twin, distance));
    }
    if (any) grid.rows.push_back(std::move(row));
  }
  page.add(table(grid));
  page.note(fmt::format("✓: at most {} times the floor, the calibrated gate's bound. These are point estimates over {}.",
                        format_significant(twin->configuration.thresholds.calibrated_ratio, 3),
                        count_of(data.run.prompts.size() * data.run.seeds.size(), "clip")));
}

}  // namespace

extern const Section noise_floor;
const Section noise_floor{.id = "noise_floor", .title = "Noise floor", .order = 90, .render = render};

}  // namespace wan::reports
