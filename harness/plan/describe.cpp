#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "harness/plan/optimization_list.h"
#include "harness/plan/schedule.h"

namespace wan::plan {
namespace {

std::string words(const Shape& shape) {
  return fmt::format("{}x{} pixels, {} frames, {} steps, solver {}, shift {:g}, guidance {:g} low / {:g} high, {}, reference {}",
                     shape.width, shape.height, shape.frames, shape.steps, shape.solver.empty() ? "from the checkpoint" : shape.solver,
                     shape.shift, shape.guidance_low.value_or(0), shape.guidance_high.value_or(0), shape.precision, shape.reference);
}

std::string words(const std::vector<OptimizationChoice>& optimizations) {
  std::vector<std::string> list;
  for (const OptimizationChoice& choice : optimizations) list.push_back(describe_choice(choice));
  return list.empty() ? "none (the reference path)" : fmt::format("{}", fmt::join(list, ", "));
}

std::optional<double> predicted_s(const PlannedConfiguration& planned, std::size_t cells, const Costs& costs) {
  const auto clip = costs.clip_s.find(planned.configuration.id);
  if (clip == costs.clip_s.end()) return std::nullopt;
  const auto load = costs.load_s.find(planned.configuration.id);
  return (load == costs.load_s.end() ? 0.0 : load->second) + clip->second * static_cast<double>(cells);
}

std::string minutes(std::optional<double> seconds) { return seconds ? fmt::format("{:.1f} min", *seconds / 60) : "unknown"; }

}  // namespace

std::string describe(const RunPlan& plan, const Schedule& schedule, const Costs& costs) {
  std::string text =
      fmt::format("tier {}{}{}\nsuite {}: {} prompts, seeds {}\nshape: {}\nmetrics: {}\n\n", plan.tier_id,
                  plan.tier_title.empty() ? "" : ": ", plan.tier_title, plan.suite_id, plan.prompts.size(), fmt::join(plan.seeds, ", "),
                  words(plan.shape), plan.metrics.empty() ? "the default set" : fmt::format("{}", fmt::join(plan.metrics, ", ")));
  std::size_t width = 0;
  for (const PlannedConfiguration& planned : plan.configurations) width = std::max(width, planned.configuration.id.size());

  double known_s = 0;
  std::size_t unknown = 0;
  for (std::size_t i = 0; i < plan.configurations.size(); ++i) {
    const PlannedConfiguration& planned = plan.configurations[i];
    const auto cells = static_cast<std::size_t>(
        std::count_if(plan.cells.begin(), plan.cells.end(), [&](const PlannedCell& cell) { return cell.configuration == i; }));
    const auto seconds = predicted_s(planned, cells, costs);
    seconds ? void(known_s += *seconds) : void(++unknown);
    text += fmt::format("{:>3}  {:<{}}  {:>4} cells  {:>9}  {:<9}  {}\n", i + 1, planned.configuration.id, width, cells, minutes(seconds),
                        planned.judged ? "judged" : "baseline", words(planned.configuration.optimizations));
  }

  text += fmt::format("\nvisits in order, in {} blocks (order seed {}):\n", schedule.blocks, schedule.order_seed);
  for (const Visit& visit : schedule.visits) {
    std::vector<std::string> clips;
    for (const std::size_t i : visit.cells)
      clips.push_back(fmt::format("{} seed {}", plan.prompts[plan.cells[i].prompt].id, plan.cells[i].seed));
    text += fmt::format("{:>5}  {:<{}}  {}\n", visit.block + 1, plan.configurations[visit.configuration].configuration.id, width,
                        fmt::join(clips, ", "));
  }
  text += fmt::format("\n{} cells, predicted {}", plan.cells.size(),
                      unknown == plan.configurations.size() ? std::string("minutes unknown: nothing is recorded for this machine and shape")
                                                            : minutes(known_s));
  if (unknown > 0 && unknown < plan.configurations.size())
    text += fmt::format("; unknown for {} of {} configurations", unknown, plan.configurations.size());
  return text + "\n";
}

}  // namespace wan::plan
