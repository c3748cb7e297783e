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

// What visits ask of one configuration.
struct Work {
  std::size_t clips = 0, timed_steps = 0;  // requests
};

// Timed clips come again with every visit; beside timed steps each is made once, by whichever visit is the first to hold it.
Work timed_work(const Visit& visit, const Schedule& schedule) {
  if (schedule.steps_a_visit > 0) return {.timed_steps = schedule.runs_a_visit};
  return {.clips = std::max(visit.cells.size(), schedule.runs_a_visit)};
}

// Where no run on record has timed steps: their share of a clip, as if it were steps alone.
double seconds_of_timed_steps(const std::string& id, double clip_s, const RunPlan& plan, const Schedule& schedule, const Costs& costs) {
  if (const auto known = costs.steps_s.find(id); known != costs.steps_s.end()) return known->second;
  const double steps = 2.0 * static_cast<double>(schedule.steps_a_visit), all = static_cast<double>(plan.shape.steps);
  return steps < all ? clip_s * steps / all : clip_s;
}

std::optional<double> predicted_s(const std::string& id, const Work& work, const RunPlan& plan, const Schedule& schedule,
                                  const Costs& costs) {
  const auto clip = costs.clip_s.find(id);
  if (clip == costs.clip_s.end()) return std::nullopt;
  return clip->second * static_cast<double>(work.clips) +
         seconds_of_timed_steps(id, clip->second, plan, schedule, costs) * static_cast<double>(work.timed_steps);
}

// What an extension adds where every judged speed is open: what its visits time, again.
std::optional<double> predicted_extension_s(const RunPlan& plan, const Schedule& schedule, const Costs& costs) {
  std::set<std::string> timed;
  for (const PlannedConfiguration& planned : plan.configurations)
    if (planned.judged && planned.configuration.benefit == Benefit::speed)
      timed.insert({planned.configuration.id, planned.configuration.speed_baseline});
  double seconds = 0;
  for (const Visit& visit : schedule.visits) {
    const std::string& id = plan.configurations[visit.configuration].configuration.id;
    if (!timed.contains(id)) continue;
    const auto visit_s = predicted_s(id, timed_work(visit, schedule), plan, schedule, costs);
    if (!visit_s) return std::nullopt;
    seconds += *visit_s;
  }
  return seconds;
}

std::string words_of_timing(const Schedule& schedule) {
  if (schedule.steps_a_visit == 0)
    return schedule.runs_a_visit > 1 ? fmt::format(", each of at least {} timed runs", schedule.runs_a_visit) : "";
  return fmt::format(", each timing {} denoising step{} of each expert{}; clips are made once, for their quality", schedule.steps_a_visit,
                     schedule.steps_a_visit == 1 ? "" : "s",
                     schedule.runs_a_visit > 1 ? fmt::format(" {} times", schedule.runs_a_visit) : "");
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
    Work work{.clips = schedule.steps_a_visit > 0 ? cells : 0};
    for (const Visit& visit : schedule.visits) {
      if (visit.configuration != i) continue;
      const Work timed = timed_work(visit, schedule);
      work.clips += timed.clips;
      work.timed_steps += timed.timed_steps;
    }
    auto seconds = predicted_s(planned.configuration.id, work, plan, schedule, costs);
    if (const auto load = costs.load_s.find(planned.configuration.id); seconds && load != costs.load_s.end()) *seconds += load->second;
    seconds ? void(known_s += *seconds) : void(++unknown);
    text += fmt::format("{:>3}  {:<{}}  {:>4} cells  {:>9}  {:<9}  {}\n", i + 1, planned.configuration.id, width, cells, minutes(seconds),
                        planned.judged ? "judged" : "baseline", words(planned.configuration.optimizations));
  }

  text +=
      fmt::format("\nvisits in order, in {} blocks (order seed {}){}:\n", schedule.blocks, schedule.order_seed, words_of_timing(schedule));
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
