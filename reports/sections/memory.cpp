// Weights and the peak of every configuration.
#include <fmt/format.h>

#include <algorithm>

#include "harness/gate/suite_scores.h"
#include "reports/charts.h"
#include "reports/format.h"
#include "reports/page.h"
#include "reports/section.h"
#include "reports/summary.h"

namespace wan::reports {
namespace {

std::int64_t peak_of(const store::ConfigurationRecord& record) {
  std::int64_t peak = 0;
  for (const auto& cell : record.cells) peak = std::max(peak, cell.peak_bytes);
  return peak;
}

std::string bytes(std::int64_t value) { return value > 0 ? format_bytes(value) : "–"; }

std::string share(std::int64_t value, std::int64_t of) {
  return value > 0 && of > 0 ? format_share(static_cast<double>(value) / static_cast<double>(of)) : "–";
}

void render(const Dataset& data, Page& page) {
  Table grid{.caption = "Weights as held after loading, and the highest peak of any clip; shares are of the quality baseline's.",
             .columns = {{"Configuration"}, {"Weights", true}, {"of baseline", true}, {"Peak", true}, {"of baseline", true}}};
  BarChart bars{.title = "Weights", .axis = "megabytes", .series = {"weights"}};
  for (const auto& record : data.run.configurations) {
    const std::int64_t peak = peak_of(record);
    if (peak == 0 && record.weight_bytes == 0) continue;
    const auto* baseline = gate::find_configuration(data.run, record.configuration.quality_baseline);
    grid.rows.push_back({{record.configuration.id},
                         {bytes(record.weight_bytes)},
                         {share(record.weight_bytes, baseline ? baseline->weight_bytes : 0)},
                         {bytes(peak)},
                         {share(peak, baseline ? peak_of(*baseline) : 0)}});
    if (record.weight_bytes > 0)
      bars.rows.push_back({.label = record.configuration.id,
                           .parts = {static_cast<double>(record.weight_bytes) / 1e6},
                           .value = bytes(record.weight_bytes)});
  }
  if (grid.rows.empty()) {
    page.paragraph("No memory figures were recorded.");
    return;
  }
  if (!bars.rows.empty()) page.add(bar_chart(bars));
  page.add(table(grid));
  page.note(data.run.environment.device.starts_with("cuda")
                ? "The peak is that of the device's allocator."
                : "The peak is the resident set of the process, which includes libraries and everything loaded before.");
}

}  // namespace

extern const Section memory;
const Section memory{.id = "memory", .title = "Memory", .order = 70, .render = render};

}  // namespace wan::reports
