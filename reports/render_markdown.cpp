#include <fmt/format.h>

#include "reports/format.h"
#include "reports/render.h"
#include "reports/summary.h"

namespace wan::reports {
namespace {

// Text inside a table cell or a sentence: nothing of it may become markup.
std::string md(std::string_view text) {
  std::string out;
  for (const char letter : one_line(text)) {
    switch (letter) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '\\':
      case '`':
      case '*':
      case '_':
      case '|':
      case '[':
      case ']':
      case '#':
      case '~':
      case '!':
        out += '\\';
        [[fallthrough]];
      default:
        out += letter;
    }
  }
  return out;
}

// A fence longer than any run of back ticks inside.
std::string code_block(const std::string& text) {
  std::string fence = "```";
  while (text.find(fence) != std::string::npos) fence += '`';
  return fence + "\n" + text + "\n" + fence + "\n";
}

std::string outcome(const gate::GateResult& result) { return outcome_icon(result.outcome) + " " + outcome_word(result.outcome); }

std::string table(const std::vector<ConfigurationSummary>& summaries) {
  const bool adherence = tells_adherence(summaries);
  std::string out = fmt::format(
      "| configuration | class | speed | PSNR dB | SSIM | LPIPS | {}× floor | roadmap gate | calibrated gate | verdict |\n"
      "| --- | --- | ---: | ---: | ---: | ---: | {}---: | --- | --- | --- |\n",
      adherence ? "adheres | " : "", adherence ? "---: | " : "");
  const auto number = [](std::optional<double> value) { return value ? format_number(*value, 2) : std::string("–"); };
  const auto score = [](std::optional<double> value) { return value ? format_score(*value) : std::string("–"); };
  for (const auto& summary : summaries) {
    const bool judged = summary.verdict && !summary.reference;
    const std::string adheres = summary.adherence ? format_share(*summary.adherence) : "–";
    out +=
        fmt::format("| {} | {} | {} | {} | {} | {} | {}{} | {} | {} | {} |\n", md(summary.id()),
                    summary.reference ? "reference" : summary.kind, summary.speed, number(summary.psnr_db), score(summary.ssim),
                    score(summary.lpips), adherence ? adheres + " | " : "", number(summary.floor_ratio),
                    judged ? outcome(summary.verdict->quality_roadmap) : "–", judged ? outcome(summary.verdict->quality_calibrated) : "–",
                    judged ? fmt::format("{} **{}**", outcome_icon(summary.overall), outcome_word(summary.overall)) : "–");
  }
  return out;
}

std::string details(const std::string& title, const std::string& body) {
  return fmt::format("<details><summary>{}</summary>\n\n{}\n</details>\n\n", title, body);
}

std::string failures(const store::RunRecord& run) {
  std::string out;
  for (const auto& configuration : run.configurations) {
    for (const auto& fallback : configuration.fallbacks)
      out += fmt::format("- {}, at load: {}\n", md(configuration.configuration.id), md(fallback));
    for (const auto& cell : configuration.cells) {
      for (const auto& fallback : cell.fallbacks)
        out += fmt::format("- {}, {}, seed {}: {}\n", md(cell.configuration), md(cell.prompt), cell.seed, md(fallback));
      if (cell.status != store::CellStatus::done)
        out += fmt::format("- {}, {}, seed {}: {}: {}\n", md(cell.configuration), md(cell.prompt), cell.seed, store::to_string(cell.status),
                           md(cell.reason));
    }
  }
  return out;
}

std::string environment(const store::RunRecord& run) {
  const auto& e = run.environment;
  std::string out =
      fmt::format("- version {}, revision {}, {} build, {}\n- LibTorch {}\n- {} {}, {} cores, {}\n- {}\n- started {}, took {}\n",
                  md(e.version), md(e.git_revision), md(e.build_type), md(e.compiler), md(e.libtorch), md(e.device), md(e.device_name),
                  e.cores, format_bytes(e.memory_bytes), md(e.host_os), md(e.started_at), format_duration(run.elapsed_s));
  for (const auto& warning : e.warnings) out += fmt::format("- ⚠ {}\n", md(warning));
  return out;
}

}  // namespace

std::string render_markdown(const Dataset& data) {
  const auto summaries = summarize(data);
  const auto run = summarize_run(data, summaries);
  std::string out = fmt::format("### {} {}\n\n", outcome_icon(run.overall), md(run_title(data.run)));
  out += fmt::format("**{}**\n\n{}\n\n", md(run.sentence), md(run_size(data.run)));
  if (!summaries.empty()) out += table(summaries) + "\n";
  for (const auto& note : run.notes) out += fmt::format("> {}\n", md(note));
  if (!run.notes.empty()) out += "\n";
  std::string reasons;
  for (const auto& summary : summaries)
    if (!summary.reference) reasons += fmt::format("- **{}**: {}\n", md(summary.id()), md(summary.reason));
  if (!reasons.empty()) out += details("Why", reasons);
  if (const std::string found = failures(data.run); !found.empty()) out += details("Fallbacks and failures", found);
  out += details("Machine and build", environment(data.run));
  out += details("How to reproduce", code_block(data.run.command));
  return out;
}

}  // namespace wan::reports
