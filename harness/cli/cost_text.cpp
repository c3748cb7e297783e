#include "harness/cli/cost_text.h"

#include <fmt/format.h>

#include "harness/cli/text_table.h"
#include "reports/format.h"

namespace wan::cli {
namespace {

std::string money(const std::optional<double>& amount) { return amount ? reports::format_significant(*amount, 4) : "–"; }
std::string clips(const std::optional<double>& count) { return count ? fmt::format("{:.0f}", *count) : "never"; }

std::string break_even(const gate::ClipCost& cost) {
  if (!cost.break_even) return "–";
  if (!cost.saved_interval) return clips(cost.break_even);
  return fmt::format("{} [{}, {}]", clips(cost.break_even), clips(cost.break_even_low), clips(cost.break_even_high));
}

}  // namespace

std::string cost_text(std::span<const gate::ClipCost> costs, const gate::CostBasis& basis) {
  if (costs.empty()) return {};
  TextTable table{.columns = {{"cost of a clip"}, {"device seconds", true}, {"money", true}, {"saved", true}, {"over"}}};
  if (basis.development_cost) table.columns.push_back({"break-even clips", true});
  for (const auto& cost : costs) {
    std::vector<std::string> row{cost.configuration, cost.gpu_s ? reports::format_duration(*cost.gpu_s) : "–", money(cost.money),
                                 money(cost.saved_money), cost.baseline.empty() ? "–" : cost.baseline};
    if (basis.development_cost) row.push_back(break_even(cost));
    table.rows.push_back(std::move(row));
  }
  std::string text = "\n" + render(table) + fmt::format("At {} an hour", money(basis.price_per_hour));
  if (basis.development_cost) text += fmt::format(" and a development cost of {}", money(basis.development_cost));
  return text + "; savings where the speed-up is claimed, with its interval of 95 %.\n";
}

}  // namespace wan::cli
