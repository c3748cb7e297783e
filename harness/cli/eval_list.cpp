#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "engine/generator.h"
#include "engine/io/json.h"
#include "harness/cli/eval_options.h"
#include "harness/cli/exit_status.h"
#include "harness/cli/resources.h"
#include "metrics/scorer.h"
#include "reports/section.h"

namespace wan::cli {
namespace {

struct Entry {
  std::string id;
  std::string version = {};  // or class, or size: one short word
  std::string summary = {};
};

struct Catalogue {
  const char* name;
  std::vector<Entry> (*entries)();
};

plan::Known known_ids() { return {.optimizations = list_optimizations(), .metrics = metrics::list_metrics()}; }

std::string parameter_text(const std::vector<ParameterInfo>& parameters) {
  std::string text;
  for (const auto& parameter : parameters)
    text += fmt::format("{}{}={}", text.empty() ? " [" : ", ", parameter.name, to_string(parameter.default_value));
  return text.empty() ? text : text + "]";
}

std::vector<Entry> tiers() {
  std::vector<Entry> entries;
  for (const auto& tier : plan::list_tiers(suites_dir(), known_ids())) {
    entries.push_back({.id = tier.id, .version = "tier", .summary = tier.title});
    for (const auto& configuration : tier.configurations)
      entries.push_back({.id = "  " + configuration.id, .version = to_string(configuration.benefit), .summary = configuration.summary});
  }
  return entries;
}

std::vector<Entry> suites() {
  std::vector<Entry> entries;
  for (const auto& id : plan::list_suites(suites_dir())) {
    const plan::Suite suite = plan::load_suite(suites_dir() / "prompts" / (id + ".toml"), known_ids());
    entries.push_back({.id = id, .version = fmt::format("{} x {}", suite.prompts.size(), suite.seeds.size()), .summary = suite.purpose});
  }
  return entries;
}

std::vector<Entry> metric_entries() {
  std::vector<Entry> entries;
  for (const auto& metric : metrics::list_metrics())
    entries.push_back(
        {.id = metric.id, .version = fmt::format("v{}", metric.version), .summary = metric.summary + parameter_text(metric.parameters)});
  return entries;
}

std::vector<Entry> optimizations() {
  std::vector<Entry> entries;
  for (const auto& info : list_optimizations())
    entries.push_back({.id = info.id, .version = to_string(info.kind), .summary = info.summary + parameter_text(info.parameters)});
  return entries;
}

std::vector<Entry> models() {
  std::vector<Entry> entries;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(share_dir() / "models", error)) {
    if (!entry.is_directory()) continue;
    const ModelInfo info = inspect_checkpoint(entry.path().string());
    entries.push_back({.id = entry.path().filename().string(),
                       .version = info.task,
                       .summary = fmt::format("{} x {}, {} frames, {} steps, {}", info.default_width, info.default_height,
                                              info.default_frames, info.default_steps, info.two_experts ? "two experts" : "one expert")});
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.id < b.id; });
  return entries;
}

std::vector<Entry> sections() {
  std::vector<Entry> entries;
  for (const auto* section : reports::catalogue())
    entries.push_back({.id = section->id, .version = fmt::format("{}", section->order), .summary = section->title});
  return entries;
}

constexpr Catalogue kCatalogues[] = {
    {"tiers", tiers},   {"suites", suites},    {"metrics", metric_entries}, {"optimizations", optimizations},
    {"models", models}, {"sections", sections}};

std::string as_text(const Catalogue& catalogue) {
  const auto entries = catalogue.entries();
  std::size_t id_width = 0, version_width = 0;
  for (const auto& entry : entries) {
    id_width = std::max(id_width, entry.id.size());
    version_width = std::max(version_width, entry.version.size());
  }
  std::string text = fmt::format("{}\n", catalogue.name);
  for (const auto& entry : entries)
    text += fmt::format("  {:<{}}  {:<{}}  {}\n", entry.id, id_width, entry.version, version_width, entry.summary);
  return text + "\n";
}

std::string as_json(const Catalogue& catalogue) {
  std::string text;
  for (const auto& entry : catalogue.entries()) {
    const std::string id = entry.id.substr(entry.id.find_first_not_of(' '));
    text += fmt::format(R"({}{{"id":{},"version":{},"summary":{}}})", text.empty() ? "" : ",", io::quote_json(id),
                        io::quote_json(entry.version), io::quote_json(entry.summary));
  }
  return fmt::format(R"("{}":[{}])", catalogue.name, text);
}

}  // namespace

int list_catalogues(const ListOptions& options) {
  std::vector<std::string> names, texts;
  for (const auto& catalogue : kCatalogues) {
    names.emplace_back(catalogue.name);
    if (options.what.empty() || options.what == catalogue.name) texts.push_back(options.json ? as_json(catalogue) : as_text(catalogue));
  }
  names.emplace_back("runs");
  names.emplace_back("history");
  if (options.prune) throw UsageError("--prune is of the runs alone: `wan-eval list runs --prune`");
  if (texts.empty()) {
    const std::string near = nearest_word(options.what, names);
    throw UsageError(fmt::format("list {}: expected one of {}{}", options.what, fmt::join(names, ", "),
                                 near.empty() ? "" : "; did you mean " + near + "?"));
  }
  fmt::print("{}", options.json ? fmt::format("{{{}}}\n", fmt::join(texts, ",")) : fmt::format("{}", fmt::join(texts, "")));
  return static_cast<int>(ExitStatus::held);
}

}  // namespace wan::cli
