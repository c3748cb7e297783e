#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

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

std::size_t runs_of(const Visit& visit, const Schedule& schedule) { return std::max(visit.cells.size(), schedule.runs_a_visit); }

std::optional<double> predicted_s(const PlannedConfiguration& planned, std::size_t runs, const Costs& costs) {
  const auto clip = costs.clip_s.find(planned.configuration.id);
  if (clip == costs.clip_s.end()) return std::nullopt;
  const auto load = costs.load_s.find(planned.configuration.id);
  return (load == costs.load_s.end() ? 0.0 : load->second) + clip->second * static_cast<double>(runs);
}

// What an extension adds where every judged speed is open: the clips of its visits again.
std::optional<double> predicted_extension_s(const RunPlan& plan, const Schedule& schedule, const Costs& costs) {
  std::set<std::string> timed;
  for (const PlannedConfiguration& planned : plan.configurations)
    if (planned.judged && planned.configuration.benefit == Benefit::speed)
      timed.insert({planned.configuration.id, planned.configuration.speed_baseline});
  double seconds = 0;
  for (const Visit& visit : schedule.visits) {
    const std::string& id = plan.configurations[visit.configuration].configuration.id;
    if (!timed.contains(id)) continue;
    const auto clip = costs.clip_s.find(id);
    if (clip == costs.clip_s.end()) return std::nullopt;
    seconds += clip->second * static_cast<double>(runs_of(visit, schedule));
  }
  return seconds;
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
    std::size_t runs = 0;
    for (const Visit& visit : schedule.visits)
      if (visit.configuration == i) runs += runs_of(visit, schedule);
    const auto seconds = predicted_s(planned, runs, costs);
    seconds ? void(known_s += *seconds) : void(++unknown);
    text += fmt::format("{:>3}  {:<{}}  {:>4} cells  {:>9}  {:<9}  {}\n", i + 1, planned.configuration.id, width, cells, minutes(seconds),
                        planned.judged ? "judged" : "baseline", words(planned.configuration.optimizations));
  }

  text += fmt::format("\nvisits in order, in {} blocks (order seed {}){}:\n", schedule.blocks, schedule.order_seed,
                      schedule.runs_a_visit > 1 ? fmt::format(", each of at least {} timed runs", schedule.runs_a_visit) : "");
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
  if (schedule.extension > 0)
    text += fmt::format("\nextension: up to {} blocks and {} more, for configurations whose speed these {} leave open and their baselines",
                        schedule.extension, minutes(predicted_extension_s(plan, schedule, costs)), schedule.blocks);
  return text + "\n";
}

}  // namespace wan::plan
