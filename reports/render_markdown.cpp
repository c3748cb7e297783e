#include <fmt/format.h>

#include "reports/format.h"
#include "reports/history_text.h"
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

constexpr const char* kElsewhere = "The whole is in report.html.";
constexpr std::size_t kMostTableBytes = kMostMarkdownBytes / 2;
constexpr std::size_t kMostText = 4'000;  // letters of one message or command: a log that went astray must not take the place of all else

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
    const std::string row =
        fmt::format("| {} | {} | {} | {} | {} | {} | {}{} | {} | {} | {} |\n", md(summary.id()),
                    summary.reference ? "reference" : summary.kind, summary.speed, number(summary.psnr_db), score(summary.ssim),
                    score(summary.lpips), adherence ? adheres + " | " : "", number(summary.floor_ratio),
                    judged ? outcome(summary.verdict->quality_roadmap) : "–", judged ? outcome(summary.verdict->quality_calibrated) : "–",
                    judged ? fmt::format("{} **{}**", outcome_icon(summary.overall), outcome_word(summary.overall)) : "–");
    if (out.size() + row.size() > kMostTableBytes)
      return out + fmt::format("\n{} of {} configurations are shown. {}\n", &summary - summaries.data(), summaries.size(), kElsewhere);
    out += row;
  }
  return out;
}

std::string details(const std::string& title, const std::string& body) {
  return fmt::format("<details><summary>{}</summary>\n\n{}\n</details>\n\n", title, body);
}

// What is folded away, as long as there is room; a last sentence for what there is none for has its own.
void add_details(std::string& out, const std::string& title, const std::string& body) {
  constexpr std::size_t kLastSentence = 500;
  const std::string part = details(title, body);
  const std::size_t room = kMostMarkdownBytes - kLastSentence;
  out += out.size() + part.size() <= room ? part
                                          : fmt::format("{} ({}) is left out: too long for a summary. {}\n\n", title,
                                                        format_bytes(static_cast<std::int64_t>(part.size())), kElsewhere);
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

std::string history_of(const history::History& history) {
  std::string out = history_sentence(history) + "\n\n";
  for (const auto& series : history.series)
    for (const auto& change : series.changes)
      out += fmt::format("- **{}**, {}, {}\n", md(series.configuration), md(figure_label(series.figure)), md(change_text(series, change)));
  return out + fmt::format("{}{}\n", out.ends_with("\n\n") ? "" : "\n", kHistoryNote);
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
  std::string out = fmt::format("### {} {}\n\n", outcome_icon(run.overall), md(cut(run_title(data.run), kMostText)));
  out += fmt::format("**{}**\n\n{}\n\n", md(cut(run.sentence, kMostText)), md(run_size(data.run)));
  if (!summaries.empty()) out += table(summaries) + "\n";
  for (const auto& note : run.notes)
    if (out.size() < kMostMarkdownBytes * 3 / 4) out += fmt::format("> {}\n", md(cut(note, kMostText)));
  if (!run.notes.empty()) out += "\n";
  std::string reasons;
  for (const auto& summary : summaries)
    if (!summary.reference) reasons += fmt::format("- **{}**: {}\n", md(summary.id()), md(cut(summary.reason, kMostText)));
  if (data.history) add_details(out, "History", history_of(*data.history));
  if (!reasons.empty()) add_details(out, "Why", reasons);
  if (const std::string found = failures(data.run); !found.empty()) add_details(out, "Fallbacks and failures", found);
  add_details(out, "Machine and build", environment(data.run));
  add_details(out, "How to reproduce", code_block(cut(data.run.command, kMostText)));
  return out;
}

}  // namespace wan::reports
