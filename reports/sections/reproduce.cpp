// Everything that is needed to make these clips again: command, identities, shape, seeds, prompts, configurations.
#include <fmt/format.h>

#include "reports/format.h"
#include "reports/page.h"
#include "reports/section.h"
#include "reports/summary.h"

namespace wan::reports {
namespace {

std::string optional_number(const std::optional<double>& value) { return value ? format_significant(*value, 4) : ""; }

std::string optimizations_text(const plan::Configuration& configuration) {
  std::vector<std::string> parts;
  for (const auto& choice : configuration.optimizations) {
    std::vector<std::string> parameters;
    for (const auto& [name, value] : choice.parameters) parameters.push_back(name + " = " + to_string(value));
    parts.push_back(parameters.empty() ? choice.id : fmt::format("{} ({})", choice.id, join(parameters, ", ")));
  }
  return parts.empty() ? "none" : join(parts, ", ");
}

Markup identities(const store::RunRecord& run) {
  const auto& shape = run.shape;
  std::vector<std::string> seeds;
  for (const auto seed : run.seeds) seeds.push_back(std::to_string(seed));
  const std::vector<std::pair<std::string, std::string>> known{
      {"Run", run.run_id},
      {"Tier", run_title(run)},
      {"Suite", run.suite_id},
      {"Model", run.model},
      {"Task", run.model_task},
      {"Weights", run.weights_hash},
      {"Revision", run.environment.git_revision},
      {"Size", fmt::format("{}×{}, {}", shape.width, shape.height, count_of(static_cast<std::size_t>(shape.frames), "frame"))},
      {"Steps", fmt::format("{}, solver {}, shift {}", shape.steps, shape.solver.empty() ? "of the checkpoint" : shape.solver,
                            format_significant(shape.shift, 4))},
      {"Guidance, low noise", optional_number(shape.guidance_low)},
      {"Guidance, high noise", optional_number(shape.guidance_high)},
      {"Precision", shape.precision},
      {"Reference", shape.reference},
      {"Seeds", join(seeds, ", ")},
      {"Record schema", std::to_string(run.schema)},
  };
  Table grid{.caption = "What was run", .columns = {{"What"}, {"Value"}}};
  for (const auto& [name, value] : known)
    if (!value.empty()) grid.rows.push_back({{name}, {value, "prompt"}});
  return table(grid);
}

Markup configurations(const store::RunRecord& run) {
  Table grid{.caption = "Configurations",
             .columns = {{"Configuration"}, {"Optimisations, in order"}, {"Quality baseline"}, {"Speed baseline"}, {"Deciding gate"}}};
  for (const auto& record : run.configurations) {
    const auto& configuration = record.configuration;
    grid.rows.push_back({{configuration.id},
                         {optimizations_text(configuration), "prompt"},
                         {configuration.quality_baseline},
                         {configuration.speed_baseline},
                         {plan::to_string(configuration.gate)}});
  }
  return grid.rows.empty() ? Markup{} : table(grid);
}

Markup prompts(const store::RunRecord& run) {
  Table grid{.caption = "Prompts", .columns = {{"Id"}, {"Category"}, {"Text"}, {"Negative prompt"}}};
  for (const auto& prompt : run.prompts)
    grid.rows.push_back({{prompt.id},
                         {prompt.category},
                         {prompt.text, "prompt"},
                         {prompt.negative.empty() ? "the reference's" : prompt.negative, prompt.negative.empty() ? "soft" : "prompt"}});
  return grid.rows.empty() ? Markup{} : details("All prompts", table(grid));
}

Markup hashes(const store::RunRecord& run) {
  Table grid{.caption = "SHA-256 over shape and pixels: the same hash is the same clip",
             .columns = {{"Configuration"}, {"Prompt"}, {"Seed", true}, {"Clip"}}};
  for (const auto& record : run.configurations)
    for (const auto& cell : record.cells)
      if (!cell.clip_hash.empty())
        grid.rows.push_back({{record.configuration.id}, {cell.prompt}, {std::to_string(cell.seed)}, {code(cell.clip_hash)}});
  return grid.rows.empty() ? Markup{} : details("Hash of every clip", table(grid));
}

void render(const Dataset& data, Page& page) {
  if (data.run.command.empty()) {
    page.paragraph("The record does not say by which command it was made.");
  } else {
    page.paragraph("With the same revision, weights and machine this command makes the same clips, bit for bit:");
    page.add(code_block(data.run.command));
  }
  page.add(identities(data.run) + configurations(data.run) + prompts(data.run) + hashes(data.run));
}

}  // namespace

extern const Section reproduce;
const Section reproduce{.id = "reproduce", .title = "How to reproduce", .order = 120, .render = render};

}  // namespace wan::reports
