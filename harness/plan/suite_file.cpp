#include "harness/plan/suite_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "harness/plan/reader.h"
#include "harness/plan/tier_file.h"

namespace wan::plan {
namespace {

void add_prompts(TableReader& file, Suite& suite, Faults& faults) {
  for (const Node* table : file.take_tables("prompt")) {
    Prompt prompt;
    TableReader reader(*table, faults, "prompt.");
    for (const char* key : {"id", "category", "text"}) reader.require(key);
    visit_fields(prompt, reader);
    reader.finish();
    const bool twice = std::any_of(suite.prompts.begin(), suite.prompts.end(), [&](const Prompt& other) { return other.id == prompt.id; });
    const Member* id = table->find("id");
    if (twice && !prompt.id.empty()) faults.add(id->value.place, fmt::format("prompt '{}' stands twice", prompt.id));
    suite.prompts.push_back(std::move(prompt));
  }
}

Suite read_suite(const std::filesystem::path& path, const Known& known, Faults& faults, std::vector<std::filesystem::path>& open) {
  Faults unreadable;
  const Node document = read_document(path, unreadable);
  faults.add(unreadable);
  if (!unreadable.empty()) return {};
  TableReader reader(document, faults);
  check_schema(reader, faults);

  Suite suite;
  std::string extends;
  reader(Field{.name = "extends", .text_rule = is_identifier, .wanted = kIdentifierWords}, extends);
  if (!extends.empty()) {
    open.push_back(path.stem());
    if (std::find(open.begin(), open.end(), extends) != open.end())
      faults.add(document.find("extends")->value.place, "the suites that this one extends go round in a circle");
    else
      suite = read_suite(path.parent_path() / (extends + ".toml"), known, faults, open);
  }

  suite.id.clear();
  suite.source = path.string();
  reader.require("id");
  reader(Field{.name = "id", .text_rule = is_identifier, .wanted = kIdentifierWords}, suite.id);
  check_file_id(suite.id, document, path, faults);
  reader(Field{.name = "purpose"}, suite.purpose);
  SeedChoice seeds{.seeds = suite.seeds};
  reader(Field{.name = "seeds"}, seeds);
  if (seeds.all) faults.add(document.find("seeds")->value.place, "a suite lists its seeds");
  suite.seeds = seeds.seeds;
  reader(Field{.name = "metrics"}, suite.metrics);
  if (const Member* metrics = document.find("metrics")) check_metrics(*metrics, known, faults);
  add_prompts(reader, suite, faults);
  reader.finish();
  if (suite.prompts.empty()) faults.add(document.place, "a suite needs at least one [[prompt]]");
  if (suite.seeds.empty() && !document.find("seeds")) faults.add(document.place, "a suite needs 'seeds'");
  return suite;
}

}  // namespace

Suite read_suite_file(const std::filesystem::path& path, const Known& known, Faults& faults) {
  std::vector<std::filesystem::path> open;
  return read_suite(path, known, faults, open);
}

void check_metrics(const Member& list, const Known& known, Faults& faults) {
  std::vector<std::string> names;
  for (const metrics::MetricInfo& info : known.metrics) {
    names.push_back(info.id);
    names.insert(names.end(), info.scores.begin(), info.scores.end());
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  for (const Node& item : list_items(list.value).value_or(std::vector<Node>{})) {
    const auto name = to_text(item);
    if (name && !std::binary_search(names.begin(), names.end(), *name)) faults.add(item.place, unknown_word("metric", *name, names));
  }
}

}  // namespace wan::plan
