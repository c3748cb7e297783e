// What a clip costs and when faster ones have paid for their making.
#include <fmt/format.h>

#include "harness/gate/clip_cost.h"
#include "harness/gate/visit_times.h"
#include "reports/format.h"
#include "reports/page.h"
#include "reports/section.h"

namespace wan::reports {
namespace {

std::string money(const std::optional<double>& amount) { return amount ? format_significant(*amount, 4) : "–"; }

std::string saving(const gate::ClipCost& cost) {
  if (!cost.saved_interval) return money(cost.saved_money);
  return fmt::format("{} [{}, {}]", money(cost.saved_money), money(cost.saved_interval->low), money(cost.saved_interval->high));
}

std::string clips(const std::optional<double>& count) { return count ? format_number(*count, 0) : "never"; }

std::string break_even(const gate::ClipCost& cost) {
  if (!cost.break_even) return "–";
  if (!cost.saved_interval) return clips(cost.break_even);
  return fmt::format("{} [{}, {}]", clips(cost.break_even), clips(cost.break_even_low), clips(cost.break_even_high));
}

void render(const Dataset& data, Page& page) {
  const auto costs = gate::clip_costs(data.run, data.verdicts, data.cost);
  if (costs.empty()) {
    page.paragraph("No price was given; --price-per-hour X makes money of the measured seconds, --development-cost X the break-even.");
    return;
  }
  const bool steps = gate::times_steps(data.run);
  page.paragraph(
      fmt::format("At {} an hour of {}. Seconds are medians over the {}; what is saved follows from the speed-up{} and its "
                  "interval of 95 %.",
                  money(data.cost.price_per_hour),
                  data.run.environment.device_name.empty() ? data.run.environment.device : data.run.environment.device_name,
                  steps ? "clips" : "valid visits", steps ? " of the denoising loop" : ""));
  Table grid{
      .caption = "Cost of one clip",
      .columns = {
          {"Configuration"}, {"Device seconds", true}, {steps ? "Clips" : "Visits", true}, {"Cost", true}, {"Saved", true}, {"Over"}}};
  if (data.cost.development_cost)
    grid.columns.push_back({"Break-even, clips", true, fmt::format("of a development cost of {}", money(data.cost.development_cost))});
  grid.columns.push_back({"Why not"});
  for (const auto& cost : costs) {
    std::vector<TableCell> row{
        {cost.configuration}, {cost.gpu_s ? format_duration(*cost.gpu_s) : "–"}, {std::to_string(cost.visits)}, {money(cost.money)},
        {saving(cost)},       {cost.baseline.empty() ? "–" : cost.baseline}};
    if (data.cost.development_cost) row.push_back({break_even(cost)});
    row.push_back({one_line(cost.reason), "why"});
    grid.rows.push_back(std::move(row));
  }
  page.add(table(grid));
}

}  // namespace

extern const Section cost;
const Section cost{.id = "cost", .title = "Cost", .order = 105, .render = render};

}  // namespace wan::reports
