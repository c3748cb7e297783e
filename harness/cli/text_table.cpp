#include "harness/cli/text_table.h"

#include <algorithm>

#include "reports/format.h"

namespace wan::cli {
namespace {

using reports::display_width;

std::string line_of(const std::vector<std::string>& entries, const std::vector<TextColumn>& columns,
                    const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const std::string text = c < entries.size() ? reports::one_line(entries[c]) : "";
    const std::string blank(widths[c] - std::min(widths[c], display_width(text)), ' ');
    line += (c > 0 ? "  " : "") + (columns[c].numeric ? blank + text : text + blank);
  }
  while (line.ends_with(' ')) line.pop_back();
  return line + "\n";
}

}  // namespace

std::string render(const TextTable& table) {
  std::vector<std::size_t> widths;
  std::vector<std::string> titles;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    titles.push_back(table.columns[c].title);
    widths.push_back(display_width(titles.back()));
    for (const auto& row : table.rows)
      if (c < row.size()) widths.back() = std::max(widths.back(), display_width(reports::one_line(row[c])));
  }
  std::string text = line_of(titles, table.columns, widths);
  for (const auto& row : table.rows) text += line_of(row, table.columns, widths);
  return text;
}

}  // namespace wan::cli
