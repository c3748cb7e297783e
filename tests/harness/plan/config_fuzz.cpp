// Any bytes as a tier, suite or config file: the readers must answer with faults, never crash or run away.
#include <cstddef>
#include <cstdint>
#include <string>

#include "engine/base/error.h"
#include "harness/plan/filter.h"
#include "harness/plan/layers.h"
#include "harness/plan/link.h"
#include "harness/plan/reader.h"
#include "harness/plan/tier_file.h"

namespace {

using namespace wan::plan;

const Known& known() {
  static const Known kKnown = {
      .optimizations = {{.id = "tf32", .summary = {}},
                        {.id = "tiles",
                         .summary = {},
                         .parameters = {{.name = "tile", .help = {}, .default_value = std::int64_t{32}, .minimum = 8, .maximum = 256},
                                        {.name = "mode", .help = {}, .default_value = std::string("a"), .choices = {"a", "b"}}},
                         .seams = {"decode"}}},
      .metrics = {{.id = "psnr", .summary = {}}}};
  return kKnown;
}

void read_everything(const Node& document) {
  Faults faults;
  TableReader reader(document, faults);
  Settings settings;
  visit_fields(settings, reader);
  GenerateSettings generate;
  visit_fields(generate, reader);
  check_schema(reader, faults);
  const auto drafts = read_configurations(reader, {}, known(), faults);
  for (const Node* table : reader.take_tables("prompt")) {
    Prompt prompt;
    TableReader inner(*table, faults, "prompt.");
    visit_fields(prompt, inner);
    inner.finish();
  }
  reader.finish();
  ConfigurationPool pool(known(), faults);
  pool.add(drafts);
  for (const DraftConfiguration& draft : drafts) {
    pool.linked(draft.value.id, draft.at);
    pool.linked(draft.value.id + "+" + drafts.front().value.id, draft.at);
  }
  try {
    Filter(settings.filter).matches({"a", "b", "c", 1});
    faults.throw_if_any();
  } catch (const wan::UsageError&) {
    return;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  Faults faults;
  read_everything(parse_document(text, "fuzz.toml", faults));
  if (const std::size_t equals = text.find('='); equals != std::string::npos)
    read_everything(assignment_document(text.substr(0, equals), text.substr(equals + 1), "--set"));
  return 0;
}
