#include "harness/plan/parse.h"
#include "harness/plan/reader.h"
#include "harness/plan/selection.h"

namespace wan::plan {
namespace {

constexpr const char* kCommandLine = "wan-generate";
constexpr const char* kReferencePath = "bf16";

}  // namespace

GenerateConfig load_generate_config(const RunInputs& inputs, const Known& known) {
  Faults faults;
  GenerateConfig config;
  const SuitesFolder folder(inputs.suites_dir);
  const Layers layers(inputs, faults);
  std::vector<DraftConfiguration> own;
  for (const Node& document : layers.documents()) {
    TableReader reader(document, faults);
    visit_fields(config.settings, reader);
    if (&document == &layers.config_file()) {
      if (reader.take("schema")) check_schema(reader, faults);
      own = read_configurations(reader, {}, known, faults);
    }
    reader.finish();
  }
  Selection selection(folder, known, faults);
  selection.define(own);
  const std::vector<std::string>& asked = config.settings.configs;
  const Place at = layers.place_of("configs", kCommandLine);
  if (asked.size() > 1) faults.add(at, "one configuration at a time; a+b stacks them");
  selection.select_configurations(asked.empty() ? std::vector<std::string>{kReferencePath} : asked, at);
  for (const std::string& id : selection.ids())
    if (auto linked = selection.pool().linked(id, at)) config.configuration = std::move(*linked);
  faults.throw_if_any();
  return config;
}

}  // namespace wan::plan
