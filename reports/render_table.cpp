#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "reports/format.h"
#include "reports/render.h"
#include "reports/summary.h"

namespace wan::reports {
namespace {

constexpr std::size_t kMinimumWidth = 40;

struct Column {
  std::string title;
  bool numeric = false;
  int sacrifice = 0;  // dropped in this order where the terminal is narrow; 0: never
  std::size_t width = 0;
};

struct Entry {
  std::string text;
  std::optional<gate::Outcome> outcome = {};  // decides icon and colour
};

const char* color_of(gate::Outcome outcome) {
  switch (outcome) {
    case gate::Outcome::held:
      return "\x1b[32m";
    case gate::Outcome::failed:
    case gate::Outcome::rejected:
      return "\x1b[31m";
    case gate::Outcome::inconclusive:
    case gate::Outcome::invalid:
      return "\x1b[33m";
    default:
      return "\x1b[2m";
  }
}

std::string painted(const std::string& text, const char* code, const TableStyle& style) {
  return style.color ? code + text + "\x1b[0m" : text;
}

// Typographic characters of ours in plain ASCII, for terminals and logs that know no more.
std::string plain(std::string text, const TableStyle& style) {
  if (style.unicode) return text;
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kReplacements{
      {{"×", "x"}, {"–", "-"}, {"…", "~"}, {"·", "|"}, {"µ", "u"}, {"−", "-"}, {"≤", "<="}, {"≥", ">="}}};
  for (const auto& [from, to] : kReplacements)
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
  return text;
}

std::string word(const Entry& entry, const TableStyle& style) {
  if (!entry.outcome) return plain(entry.text, style);
  return style.unicode ? outcome_icon(*entry.outcome) + " " + entry.text : plain(entry.text, style);
}

constexpr std::ptrdiff_t kAdherencePlace = 6;  // of its column, where there is one

std::vector<Column> columns(bool adherence) {
  std::vector<Column> all = {{"configuration"},  {"class", false, 2},  {"speed", true, 4},    {"PSNR dB", true, 3},     {"SSIM", true, 8},
                             {"LPIPS", true, 7}, {"× floor", true, 1}, {"roadmap", false, 6}, {"calibrated", false, 5}, {"verdict"}};
  if (adherence) all.insert(all.begin() + kAdherencePlace, {"adheres", true, 7});
  return all;
}

std::vector<Entry> row(const ConfigurationSummary& summary, bool adherence) {
  const auto gate_word = [](const gate::GateResult& result) { return Entry{outcome_word(result.outcome), result.outcome}; };
  const auto number = [](std::optional<double> value) { return Entry{value ? format_number(*value, 2) : "–"}; };
  const auto score = [](std::optional<double> value) { return Entry{value ? format_score(*value) : "–"}; };
  std::vector<Entry> entries{{summary.id()},
                             {summary.reference ? "reference" : summary.kind},
                             {summary.speed},
                             number(summary.psnr_db),
                             score(summary.ssim),
                             score(summary.lpips),
                             number(summary.floor_ratio)};
  if (adherence) entries.insert(entries.begin() + kAdherencePlace, Entry{summary.adherence ? format_share(*summary.adherence) : "–"});
  const bool judged = summary.verdict && !summary.reference;
  entries.push_back(judged ? gate_word(summary.verdict->quality_roadmap) : Entry{"–"});
  entries.push_back(judged ? gate_word(summary.verdict->quality_calibrated) : Entry{"–"});
  entries.push_back(judged ? Entry{outcome_word(summary.overall), summary.overall} : Entry{"–"});
  return entries;
}

std::size_t total_width(const std::vector<Column>& shown) {
  std::size_t total = 2 * (shown.size() - 1);
  for (const auto& column : shown) total += column.width;
  return total;
}

// Gives back which columns are shown.
std::vector<bool> fit(std::vector<Column>& all, std::size_t width) {
  std::vector<bool> shown(all.size(), true);
  const auto visible = [&] {
    std::vector<Column> kept;
    for (std::size_t c = 0; c < all.size(); ++c)
      if (shown[c]) kept.push_back(all[c]);
    return kept;
  };
  for (int round = 1; round <= 8 && total_width(visible()) > width; ++round)
    for (std::size_t c = 0; c < all.size(); ++c)
      if (all[c].sacrifice == round) shown[c] = false;
  const std::size_t total = total_width(visible());
  if (total > width) all[0].width -= std::min(all[0].width - 8, total - width);
  return shown;
}

std::string padded(const std::string& text, const Column& column) {
  const std::string fitted = cut(text, column.width);
  const std::string blank(column.width - display_width(fitted), ' ');
  return column.numeric ? blank + fitted : fitted + blank;
}

std::string trimmed(std::string line) {
  while (line.ends_with(' ')) line.pop_back();
  return line + "\n";
}

// Words of `text` in lines of at most `width` columns, all but the first indented.
std::string wrapped(const std::string& first, const std::string& text, std::size_t width, std::size_t indent) {
  std::string lines, line = first;
  bool fresh = true;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string piece = cut(text.substr(at, end - at), width - indent);
    if (!fresh && display_width(line) + 1 + display_width(piece) > width) {
      lines += line + "\n";
      line = std::string(indent, ' ');
      fresh = true;
    }
    line += (fresh ? "" : " ") + piece;
    fresh = false;
    at = end + 1;
  }
  return lines + line + "\n";
}

std::string grid(const std::vector<ConfigurationSummary>& summaries, const TableStyle& style) {
  const bool adherence = tells_adherence(summaries);
  std::vector<Column> all = columns(adherence);
  std::vector<std::vector<Entry>> rows;
  for (const auto& summary : summaries) rows.push_back(row(summary, adherence));
  for (std::size_t c = 0; c < all.size(); ++c) {
    all[c].title = plain(all[c].title, style);
    all[c].width = display_width(all[c].title);
    for (const auto& entries : rows) all[c].width = std::max(all[c].width, display_width(word(entries[c], style)));
  }
  const std::vector<bool> shown = fit(all, style.width);
  std::string head, rule, body;
  for (std::size_t c = 0; c < all.size(); ++c) {
    if (!shown[c]) continue;
    head += (head.empty() ? "" : "  ") + padded(all[c].title, all[c]);
    if (!rule.empty()) rule += style.unicode ? "──" : "--";
    for (std::size_t i = 0; i < all[c].width; ++i) rule += style.unicode ? "─" : "-";
  }
  for (const auto& entries : rows) {
    std::string line;
    for (std::size_t c = 0; c < all.size(); ++c) {
      if (!shown[c]) continue;
      if (c > 0) line += "  ";
      const std::string text = padded(word(entries[c], style), all[c]);
      line += entries[c].outcome ? painted(text, color_of(*entries[c].outcome), style) : text;
    }
    body += trimmed(line);
  }
  return trimmed(painted(head, "\x1b[1m", style)) + rule + "\n" + body + rule + "\n";
}

// What the columns mean, for somebody who sees the table for the first time.
std::string legend(const std::vector<ConfigurationSummary>& summaries) {
  std::vector<std::string> by_calibrated;
  std::size_t judged = 0;
  for (const auto& summary : summaries) {
    if (!summary.verdict || summary.reference) continue;
    ++judged;
    if (summary.verdict->deciding_gate == "calibrated") by_calibrated.push_back(summary.id());
  }
  std::string text = "roadmap and calibrated are the two quality gates; ";
  if (by_calibrated.empty()) {
    text += "roadmap decides";
  } else {
    text += by_calibrated.size() == judged ? "calibrated decides"
                                           : fmt::format("calibrated decides for {}, roadmap for the others", join(by_calibrated, ", "));
  }
  text += ". × floor: LPIPS over that of the noise floor, an equally valid run; at 1 a clip is no further from the baseline than that.";
  if (tells_adherence(summaries)) text += " adheres: share of the clips that show what their prompt says.";
  return text;
}

}  // namespace

std::string render_table(const Dataset& data, const TableStyle& asked) {
  const TableStyle style{.color = asked.color, .unicode = asked.unicode, .width = std::max(asked.width, kMinimumWidth)};
  const auto summaries = summarize(data);
  const auto run = summarize_run(data, summaries);
  std::string out = wrapped(plain(run_title(data.run), style), {}, style.width, 2);
  out += wrapped("", plain(run_size(data.run), style), style.width, 2) + "\n";
  if (summaries.empty()) return out + "No configuration was run.\n";
  out += grid(summaries, style) + wrapped("", plain(legend(summaries), style), style.width, 0) + "\n";
  std::size_t name_width = 0;
  for (const auto& summary : summaries)
    if (!summary.reference) name_width = std::max(name_width, display_width(summary.id()));
  name_width = std::min(name_width, style.width / 3);
  for (const auto& summary : summaries) {
    if (summary.reference) continue;
    const std::string name = padded(summary.id(), Column{.title = {}, .width = name_width}) + "  ";
    out += wrapped(name, plain(summary.reason, style), style.width, name_width + 2);
  }
  std::string sentence = wrapped("", plain(run.sentence, style), style.width, 0);
  sentence.pop_back();
  out += "\n" + painted(sentence, color_of(run.overall), style) + "\n";
  for (const auto& note : run.notes) out += wrapped("", plain(note, style), style.width, 2);
  return out;
}

}  // namespace wan::reports
