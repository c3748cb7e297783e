#include "engine/train/curves.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>

#include "engine/base/error.h"
#include "engine/io/new_file.h"

namespace wan::train {
namespace {

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells(1);
  for (const char c : line)
    if (c == ',')
      cells.emplace_back();
    else if (c != '\r')
      cells.back() += c;
  return cells;
}

// One panel of the picture: axes, the extreme values, a line.
class Panel {
 public:
  static constexpr double kWidth = 380, kHeight = 190;

  Panel(const std::vector<std::int64_t>& steps, std::vector<double> values) : steps_(steps), values_(std::move(values)) {
    for (const double value : values_)
      if (std::isfinite(value)) low_ = std::min(low_, value), high_ = std::max(high_, value);
    if (low_ > high_) low_ = 0, high_ = 1;
    logarithmic_ = low_ > 0 && high_ > 10 * low_;
  }

  std::string svg(const std::string& name, double x, double y) const {
    std::string points;
    for (std::size_t i = 0; i < values_.size(); ++i)
      if (std::isfinite(values_[i])) points += fmt::format("{:.1f},{:.1f} ", x + kLeft + across(steps_[i]), y + kTop + down(values_[i]));
    return fmt::format(
        "<text x='{0:.0f}' y='{1:.0f}' font-weight='bold'>{2}{3}</text>\n"
        "<path d='M{4:.1f} {5:.1f}v{6:.1f}h{7:.1f}' fill='none' stroke='#999'/>\n"
        "<text x='{8:.1f}' y='{9:.1f}' text-anchor='end'>{10:.4g}</text><text x='{8:.1f}' y='{11:.1f}' text-anchor='end'>{12:.4g}</text>\n"
        "<text x='{13:.1f}' y='{14:.1f}' text-anchor='end'>step {15}</text>\n"
        "<polyline points='{16}' fill='none' stroke='#1769aa' stroke-width='1.2'/>\n",
        x + kLeft, y + 14, name, logarithmic_ ? " (logarithmic)" : "", x + kLeft, y + kTop, kDrawn, kAcross, x + kLeft - 4, y + kTop + 8,
        high_, y + kTop + kDrawn, low_, x + kLeft + kAcross, y + kTop + kDrawn + 14, steps_.empty() ? 0 : steps_.back(), points);
  }

 private:
  static constexpr double kLeft = 70, kTop = 22, kDrawn = 140, kAcross = 290;

  double across(std::int64_t step) const {
    const double span = static_cast<double>(std::max<std::int64_t>(steps_.back() - steps_.front(), 1));
    return kAcross * static_cast<double>(step - steps_.front()) / span;
  }
  double down(double value) const {
    const auto scale = [&](double v) { return logarithmic_ ? std::log(v) : v; };
    const double span = scale(high_) - scale(low_);
    return kDrawn * (span > 0 ? (scale(high_) - scale(value)) / span : 0.5);
  }

  const std::vector<std::int64_t>& steps_;
  std::vector<double> values_;
  double low_ = INFINITY, high_ = -INFINITY;
  bool logarithmic_ = false;
};

}  // namespace

Curves Curves::read(const std::filesystem::path& csv, std::int64_t last_step) {
  Curves curves;
  std::ifstream file(csv);
  if (!file) return curves;
  std::string line;
  std::getline(file, line);
  const auto refuse = [&](std::size_t number, const std::string& what) {
    return UsageError(
        fmt::format("{}:{}: {}; it holds the curves of a training: move it away to begin new ones", csv.string(), number, what));
  };
  auto names = cells_of(line);
  if (names.front() != "step" || names.size() < 2) throw refuse(1, "expected 'step' and the names of figures");
  curves.names_.assign(names.begin() + 1, names.end());
  for (std::size_t number = 2; std::getline(file, line); ++number) {
    const auto cells = cells_of(line);
    if (cells.size() != names.size()) throw refuse(number, fmt::format("expected {} cells, found {}", names.size(), cells.size()));
    std::int64_t step = 0;
    if (std::from_chars(cells[0].data(), cells[0].data() + cells[0].size(), step).ec != std::errc{})
      throw refuse(number, fmt::format("step '{}' is no number", cells[0]));
    if (step > last_step) break;
    std::vector<double> row;
    for (std::size_t i = 1; i < cells.size(); ++i) {
      double value = 0;
      if (std::from_chars(cells[i].data(), cells[i].data() + cells[i].size(), value).ec != std::errc{})
        throw refuse(number, fmt::format("'{}' is no number", cells[i]));
      row.push_back(value);
    }
    curves.steps_.push_back(step);
    curves.rows_.push_back(std::move(row));
  }
  return curves;
}

void Curves::add(std::int64_t step, const std::vector<std::pair<std::string, double>>& figures) {
  std::vector<std::string> names;
  std::vector<double> row;
  for (const auto& [name, value] : figures) {
    names.push_back(name);
    row.push_back(value);
  }
  if (names_.empty()) names_ = names;
  WAN_CHECK(names == names_, "a row of curves has other names than the first");
  steps_.push_back(step);
  rows_.push_back(std::move(row));
}

std::string Curves::csv() const {
  std::string text = "step";
  for (const auto& name : names_) text += "," + name;
  text += "\n";
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    text += std::to_string(steps_[i]);
    for (const double value : rows_[i]) text += fmt::format(",{:.6g}", value);
    text += "\n";
  }
  return text;
}

std::string Curves::svg(const std::string& title) const {
  constexpr std::size_t kColumns = 2;
  std::string panels;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    std::vector<double> values;
    for (const auto& row : rows_) values.push_back(row[i]);
    if (!values.empty())
      panels +=
          Panel(steps_, std::move(values))
              .svg(names_[i], static_cast<double>(i % kColumns) * Panel::kWidth, 30 + static_cast<double>(i / kColumns) * Panel::kHeight);
  }
  const double height = 30 + Panel::kHeight * static_cast<double>((names_.size() + kColumns - 1) / kColumns);
  return fmt::format(
      "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {0:.0f} {1:.0f}' font-family='sans-serif' font-size='11'>\n"
      "<rect width='{0:.0f}' height='{1:.0f}' fill='white'/>\n<text x='12' y='20' font-size='14'>{2}</text>\n{3}</svg>\n",
      Panel::kWidth * kColumns, height, title, panels);
}

void Curves::write(const std::filesystem::path& csv_file, const std::filesystem::path& svg_file, const std::string& title) const {
  io::write_text(csv_file, csv());
  io::write_text(svg_file, svg(title));
}

}  // namespace wan::train
