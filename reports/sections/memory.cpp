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

Markup weights_chart(const store::RunRecord& run) {
  std::int64_t largest = 0;
  for (const auto& record : run.configurations) largest = std::max(largest, record.weight_bytes);
  if (largest == 0) return {};
  const bool large = largest >= 1'000'000'000;
  BarChart bars{.title = "Weights", .axis = large ? "gigabytes" : "megabytes", .series = {"weights"}};
  for (const auto& record : run.configurations)
    if (record.weight_bytes > 0)
      bars.rows.push_back({.label = record.configuration.id,
                           .parts = {static_cast<double>(record.weight_bytes) / (large ? 1e9 : 1e6)},
                           .value = bytes(record.weight_bytes)});
  return bar_chart(bars);
}

void render(const Dataset& data, Page& page) {
  // On the CPU a peak includes all that the process held before, so its share of another's would mean nothing.
  const bool device_peak = data.run.environment.device.starts_with("cuda");
  Table grid{.caption = "Weights as held after loading, and the highest peak of any clip; shares are of the quality baseline's.",
             .columns = {{"Configuration"}, {"Weights", true}, {"of baseline", true}, {"Peak", true}}};
  if (device_peak) grid.columns.push_back({"of baseline", true});
  for (const auto& record : data.run.configurations) {
    const std::int64_t peak = peak_of(record);
    if (peak == 0 && record.weight_bytes == 0) continue;
    const auto* baseline = gate::find_configuration(data.run, record.configuration.quality_baseline);
    grid.rows.push_back({{record.configuration.id},
                         {bytes(record.weight_bytes)},
                         {share(record.weight_bytes, baseline ? baseline->weight_bytes : 0)},
                         {bytes(peak)}});
    if (device_peak) grid.rows.back().emplace_back(share(peak, baseline ? peak_of(*baseline) : 0));
  }
  if (grid.rows.empty()) {
    page.paragraph("No memory figures were recorded.");
    return;
  }
  page.add(weights_chart(data.run) + table(grid));
  page.note(device_peak ? "The peak is that of the device's allocator."
                        : "The peak is the resident set of the process, which includes libraries and everything loaded before.");
}

}  // namespace

extern const Section memory;
const Section memory{.id = "memory", .title = "Memory", .order = 70, .render = render};

}  // namespace wan::reports
