#include "harness/plan/tier_file.h"

#include <fmt/format.h>

#include "harness/plan/optimization_list.h"

namespace wan::plan {
namespace {

Place place_of(const Node& table, std::string_view key, const Place& otherwise) {
  const Member* member = table.find(key);
  return member ? member->value.place : otherwise;
}

// Reads `base` and notes where the references to other configurations stand, for those faults that only linking can find.
void read_references(TableReader& reader, const Node& table, DraftConfiguration& draft) {
  reader(Field{.name = "base"}, draft.base);
  draft.base_at = place_of(table, "base", draft.base_at);
  draft.speed_baseline_at = place_of(table, "speed_baseline", draft.speed_baseline_at);
  draft.quality_baseline_at = place_of(table, "quality_baseline", draft.quality_baseline_at);
  draft.noise_floor_at = place_of(table, "noise_floor", draft.noise_floor_at);
}

void check_claim(const Node& table, const Configuration& configuration, Faults& faults) {
  if (!configuration.claim) return;
  const Place at = place_of(table, "claim", table.place);
  if (configuration.benefit == Benefit::none) faults.add(at, "'configuration.claim' needs a 'benefit' that it is a bound of");
  if (configuration.benefit == Benefit::memory && *configuration.claim > 1)
    faults.add(at, "'configuration.claim' of a memory benefit is the share of the baseline's weight bytes that is left: at most 1");
}

DraftConfiguration read_configuration(const Node& table, const DraftConfiguration& prototype, const Known& known, Faults& faults) {
  DraftConfiguration draft = prototype;
  TableReader reader(table, faults, "configuration.");
  reader.require("id");
  draft.at = draft.list_at = place_of(table, "id", table.place);
  for (Place* at : {&draft.base_at, &draft.speed_baseline_at, &draft.quality_baseline_at, &draft.noise_floor_at})
    if (at->line == 0) *at = draft.at;
  read_references(reader, table, draft);
  visit_fields(draft.value, reader);
  check_claim(table, draft.value, faults);
  if (const Member* list = reader.take("optimizations")) {
    draft.list_at = list->value.place;
    draft.value.optimizations = read_optimizations(*list, known, faults);
  }
  reader.finish();
  return draft;
}

}  // namespace

void check_schema(TableReader& file, Faults& faults) {
  const Member* schema = file.require("schema");
  if (schema && to_integer(schema->value) != kFileSchema)
    faults.add(schema->value.place, fmt::format("'schema' must be {}, got {}", kFileSchema, describe_value(schema->value)));
}

void check_file_id(const std::string& id, const Node& document, const std::filesystem::path& path, Faults& faults) {
  if (id.empty() || id == path.stem().string()) return;
  faults.add(place_of(document, "id", document.place),
             fmt::format("'id' must be '{}', the file's name, got '{}'", path.stem().string(), id));
}

std::vector<DraftConfiguration> read_configurations(TableReader& file, const DraftConfiguration& prototype, const Known& known,
                                                    Faults& faults) {
  std::vector<DraftConfiguration> drafts;
  for (const Node* table : file.take_tables("configuration")) drafts.push_back(read_configuration(*table, prototype, known, faults));
  return drafts;
}

TierFile read_tier_file(const std::filesystem::path& path, const Known& known, Faults& faults) {
  Faults unreadable;
  TierFile file;
  file.document = read_document(path, unreadable);
  file.tier.source = path.string();
  faults.add(unreadable);
  if (!unreadable.empty()) return file;
  TableReader reader(file.document, faults);
  check_schema(reader, faults);
  reader.require("id");
  reader(Field{.name = "id", .text_rule = is_identifier, .wanted = kIdentifierWords}, file.tier.id);
  check_file_id(file.tier.id, file.document, path, faults);
  reader(Field{.name = "title"}, file.tier.title);
  reader(Field{.name = "shape"}, file.tier.shape);
  reader(kStepsAVisit, file.tier.steps_a_visit);
  DraftConfiguration prototype;
  read_references(reader, file.document, prototype);
  visit_shared_fields(prototype.value, reader);
  reader(Field{.name = "thresholds"}, prototype.value.thresholds);
  file.drafts = read_configurations(reader, prototype, known, faults);
  if (reader.take("configuration") == nullptr) faults.add(file.document.place, "a tier needs at least one [[configuration]]");
  reader.finish();
  return file;
}

}  // namespace wan::plan
