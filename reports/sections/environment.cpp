// The machine and the build: a number without them is not a result.
#include <fmt/format.h>

#include "reports/format.h"
#include "reports/page.h"
#include "reports/section.h"

namespace wan::reports {
namespace {

void render(const Dataset& data, Page& page) {
  const auto& e = data.run.environment;
  for (const auto& warning : e.warnings) page.warning(one_line(warning));
  const std::vector<std::pair<std::string, std::string>> known{
      {"Version", e.version},
      {"Revision", e.git_revision},
      {"Build", e.build_id},
      {"Build type", e.build_type},
      {"Compiler", e.compiler},
      {"LibTorch", e.libtorch},
      {"Device", e.device},
      {"Device name", e.device_name},
      {"Driver", e.driver},
      {"CUDA", e.cuda},
      {"Operating system", e.host_os},
      {"Processor", e.cpu},
      {"Cores", e.cores > 0 ? std::to_string(e.cores) : ""},
      {"Memory", e.memory_bytes > 0 ? format_bytes(e.memory_bytes) : ""},
      {"Started", e.started_at},
      {"Took", data.run.elapsed_s > 0 ? format_duration(data.run.elapsed_s) : ""},
  };
  Table grid{.caption = "Machine and build", .columns = {{"What"}, {"Value"}}};
  for (const auto& [name, value] : known)
    if (!value.empty()) grid.rows.push_back({{name}, {value, "prompt"}});
  if (grid.rows.empty()) {
    page.paragraph("The record carries no environment, so its figures cannot be compared with others.");
    return;
  }
  page.add(table(grid));
  if (e.warnings.empty()) page.note("Nothing on the machine was seen that disturbs a measurement.");
}

}  // namespace

extern const Section environment;
const Section environment{.id = "environment", .title = "Environment", .order = 110, .render = render};

}  // namespace wan::reports
