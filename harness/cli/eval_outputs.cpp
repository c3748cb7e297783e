#include "harness/cli/eval_outputs.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "engine/base/error.h"
#include "harness/cli/ab_votes.h"
#include "harness/cli/cost_text.h"
#include "harness/cli/resources.h"
#include "harness/cli/verdict_json.h"
#include "harness/store/cell_log.h"
#include "reports/render.h"

namespace wan::cli {
namespace {

constexpr std::size_t kWidthWithoutTerminal = 120;

struct Format {
  const char* flag;
  const char* file;  // in a run's folder
  std::string OutputOptions::*target;
  std::string (*render)(const reports::Dataset&);
};

std::string render_json(const reports::Dataset& data) {
  return to_json(data.run, data.verdicts, gate::weigh_claims(data.run, data.verdicts, data.claims),
                 gate::clip_costs(data.run, data.verdicts, data.cost), data.people);
}

constexpr std::array<Format, 5> kFormats{{{"--json", "result.json", &OutputOptions::json, render_json},
                                          {"--html", "report.html", &OutputOptions::html, reports::render_html},
                                          {"--markdown", "report.md", &OutputOptions::markdown, reports::render_markdown},
                                          {"--junit", "junit.xml", &OutputOptions::junit, reports::render_junit},
                                          {"--csv", "scores.csv", &OutputOptions::csv, reports::render_csv}}};

bool takes_stdout(const OutputOptions& outputs) {
  for (const auto& format : kFormats)
    if (outputs.*format.target == "-") return true;
  return false;
}

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value && *value;
}

// A terminal that says nothing of its encoding is taken for one that knows UTF-8, as all do today; one that says "C" is not.
bool knows_unicode() {
  for (const char* variable : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    if (!is_set(variable)) continue;
    const std::string value = std::getenv(variable);
    return value.find("UTF-8") != std::string::npos || value.find("utf8") != std::string::npos;
  }
  return true;
}

}  // namespace

std::vector<plan::Claim> shipped_claims() {
  const auto path = suites_dir() / "claims.toml";
  return std::filesystem::exists(path) ? plan::load_claims(path) : std::vector<plan::Claim>{};
}

std::size_t terminal_width(int descriptor) {
  winsize size{};
  if (!::isatty(descriptor)) return 0;
  if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kWidthWithoutTerminal;
  return size.ws_col;
}

void check_output_paths(const OutputOptions& outputs) {
  for (const auto& format : kFormats) {
    const std::filesystem::path path = outputs.*format.target;
    if (path.empty() || path == "-") continue;
    const auto folder = path.has_parent_path() ? path.parent_path() : ".";
    if (!std::filesystem::is_directory(folder))
      throw UsageError(fmt::format("{} {}: there is no folder {}; make it first", format.flag, path.string(), folder.string()));
    if (std::filesystem::is_directory(path))
      throw UsageError(fmt::format("{} {}: is a folder, expected a file", format.flag, path.string()));
  }
}

void write_reports(const reports::Dataset& data, const std::filesystem::path& folder) {
  for (const auto& format : kFormats) store::replace_file(folder / format.file, format.render(data));
}

void write_outputs(const reports::Dataset& data, const OutputOptions& outputs) {
  for (const auto& format : kFormats) {
    const std::string& target = outputs.*format.target;
    if (target.empty()) continue;
    if (target == "-") {
      fmt::print("{}", format.render(data));
      std::fflush(stdout);
    } else {
      store::replace_file(std::filesystem::absolute(target), format.render(data));
    }
  }
}

void print_table(const reports::Dataset& data, const OutputOptions& outputs) {
  std::FILE* stream = takes_stdout(outputs) ? stderr : stdout;
  const std::size_t width = terminal_width(::fileno(stream));
  const bool automatic = width > 0 && !is_set("NO_COLOR");
  const reports::TableStyle style{.color = outputs.color == "always" || (outputs.color == "auto" && automatic),
                                  .unicode = knows_unicode(),
                                  .width = width > 0 ? width : kWidthWithoutTerminal};
  fmt::print(stream, "{}{}{}", reports::render_table(data, style),
             cost_text(gate::clip_costs(data.run, data.verdicts, data.cost), data.cost), data.people ? ab_text(*data.people) : "");
  std::fflush(stream);
}

}  // namespace wan::cli
