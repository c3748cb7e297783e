#include "reports/charts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reports/format.h"
#include "reports/page.h"

namespace wan::reports {
namespace {

constexpr double kWidth = 820, kRight = 24, kLetter = 6.9;  // kLetter: mean width of a 12 px letter, for the label column
constexpr std::size_t kLongestLabel = 28;

std::string at(double position) { return format_number(position, 1); }

Markup text(double x, double y, const std::string& style, const std::string& content) {
  return element("text", {{"x", at(x)}, {"y", at(y)}, {"class", style}}, content);
}

Markup line(double x1, double y1, double x2, double y2, const std::string& style) {
  return empty_element("line", {{"x1", at(x1)}, {"y1", at(y1)}, {"x2", at(x2)}, {"y2", at(y2)}, {"class", style}});
}

double label_column(const auto& rows) {
  std::size_t longest = 4;
  for (const auto& row : rows) longest = std::max(longest, std::min(display_width(row.label), kLongestLabel));
  return 14 + kLetter * static_cast<double>(longest);
}

struct Axis {
  double low = 0, high = 1, left = 0;
  double x(double value) const {
    const double clamped = std::isnan(value) ? high : std::clamp(value, low, high);
    return left + (clamped - low) / (high - low) * (kWidth - kRight - left);
  }
};

std::string tick_text(double value, double step) {
  const int decimals = step >= 1 ? 0 : static_cast<int>(std::ceil(-std::log10(step) - 1e-9));
  return format_number(value, decimals);
}

// Vertical grid lines with their numbers, and the axis' name below.
Markup grid(const Axis& axis, double top, double bottom, const std::string& name) {
  const auto marks = ticks(axis.low, axis.high, 6);
  const double step = marks.size() > 1 ? marks[1] - marks[0] : 1;
  Markup drawn;
  for (const double mark : marks) {
    if (mark < axis.low - 1e-12 || mark > axis.high + 1e-12) continue;
    drawn += line(axis.x(mark), top, axis.x(mark), bottom, "grid") + text(axis.x(mark), bottom + 15, "soft middle", tick_text(mark, step));
  }
  return drawn + text((axis.left + kWidth - kRight) / 2, bottom + 31, "soft middle", name);
}

Markup figure(const std::string& title, const std::string& description, const std::string& caption, double height, const Markup& legend,
              const Markup& drawing) {
  const Markup svg = element(
      "svg", {{"viewBox", fmt::format("0 0 {} {}", kWidth, at(height))}, {"role", "img"}, {"aria-label", title + ". " + description}},
      drawing);
  return element("figure", element("div", {{"class", "chart"}}, legend + svg) + Markup::trusted("\n") +
                               element("figcaption", strong(title) + (caption.empty() ? "" : ". " + caption))) +
         Markup::trusted("\n");
}

Markup swatch(const Markup& mark, const std::string& name) {
  return element("span", element("svg", {{"viewBox", "0 0 22 10"}, {"aria-hidden", "true"}}, mark) + name);
}

Axis strip_axis(const StripChart& chart) {
  double low = INFINITY, high = -INFINITY;
  bool infinite = false;
  const auto widen = [&](double value) {
    infinite = infinite || !std::isfinite(value);
    if (!std::isfinite(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  };
  for (const auto& row : chart.rows)
    for (const auto& dot : row.dots) widen(dot.value);
  for (const auto& bound : chart.lines) widen(bound.value);
  if (low > high) low = 0, high = 1;
  const double margin = high > low ? 0.04 * (high - low) : std::max(0.5 * std::abs(high), 1e-3);
  return {.low = low - margin, .high = high + (infinite ? 3 * margin : margin), .left = label_column(chart.rows)};
}

Markup strip_row(const StripChart::Row& row, const Axis& axis, double y) {
  Markup drawn = text(axis.left - 10, y + 4, "end", cut(row.label, kLongestLabel));
  bool infinite = false;
  for (const auto& dot : row.dots) {
    infinite = infinite || !std::isfinite(dot.value);
    drawn += element("circle", {{"cx", at(axis.x(dot.value))}, {"cy", at(y)}, {"r", "4.5"}, {"class", "dot"}}, element("title", dot.label));
  }
  if (!row.dots.empty()) drawn += line(axis.x(row.mean), y - 9, axis.x(row.mean), y + 9, "mean");
  if (infinite) drawn += text(axis.x(INFINITY) - 10, y + 4, "soft end", "inf");
  return drawn;
}

// Bounds and floor have a line of text each above the rows, so that neighbours do not cover one another.
Markup strip_lines(const StripChart& chart, const Axis& axis, double top, double bottom) {
  Markup drawn;
  for (const auto& bound : chart.lines) {
    if (!std::isfinite(bound.value)) continue;
    const double label_y = bound.floor ? top - 8 : top - 24;
    const bool near_edge = axis.x(bound.value) > kWidth - 150;
    const std::string side = near_edge ? " end" : "";
    drawn += line(axis.x(bound.value), label_y - 9, axis.x(bound.value), bottom, bound.floor ? "floor" : "bound");
    drawn += text(axis.x(bound.value) + (near_edge ? -5 : 5), label_y, (bound.floor ? "at-floor" : "at-bound") + side, bound.label);
  }
  return drawn;
}

}  // namespace

std::vector<double> ticks(double low, double high, int count) {
  if (!(high > low) || !std::isfinite(low) || !std::isfinite(high)) return {low};
  const double rough = (high - low) / std::max(count, 1);
  const double power = std::pow(10, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * power >= rough * (1 - 1e-9)) {
      step = factor * power;
      break;
    }
  std::vector<double> marks;
  const double first = std::floor(low / step + 1e-9);
  for (double n = first; marks.empty() || marks.back() < high - 1e-9 * step; ++n) marks.push_back(n * step);
  return marks;
}

Markup strip_chart(const StripChart& chart) {
  constexpr double kRow = 24, kTop = 40;
  const Axis axis = strip_axis(chart);
  const double bottom = kTop + kRow * static_cast<double>(chart.rows.size());
  Markup drawing;
  for (std::size_t r = 0; r < chart.rows.size(); r += 2)
    drawing += empty_element(
        "rect",
        {{"x", "0"}, {"y", at(kTop + kRow * static_cast<double>(r))}, {"width", at(kWidth)}, {"height", at(kRow)}, {"class", "band"}});
  drawing += grid(axis, kTop, bottom, chart.axis);
  drawing += strip_lines(chart, axis, kTop, bottom);
  for (std::size_t r = 0; r < chart.rows.size(); ++r)
    drawing += strip_row(chart.rows[r], axis, kTop + kRow * (static_cast<double>(r) + 0.5));
  return figure(chart.title, "One row a configuration, one dot a clip; the numbers stand in the tables.", chart.caption, bottom + 40, {},
                drawing);
}

Markup bar_chart(const BarChart& chart) {
  constexpr double kRow = 26, kBar = 16, kTop = 6;
  double longest = 0;
  std::size_t value_letters = 0;
  for (const auto& row : chart.rows) {
    double sum = 0;
    for (const double part : row.parts) sum += std::max(part, 0.0);
    longest = std::max(longest, sum);
    value_letters = std::max(value_letters, display_width(row.value));
  }
  // Room for the number behind the longest bar.
  Axis axis{.low = 0, .high = longest > 0 ? longest : 1, .left = label_column(chart.rows)};
  const double room = kLetter * static_cast<double>(value_letters) + 8;
  axis.high *= (kWidth - kRight - axis.left) / std::max(kWidth - kRight - axis.left - room, 1.0);
  const double bottom = kTop + kRow * static_cast<double>(chart.rows.size());
  Markup drawing = grid(axis, kTop, bottom, chart.axis);
  const auto style = [&](std::size_t s) { return fmt::format("series-{} bar-line", chart.series.size() == 1 ? 1 : (s + 1) % 5); };
  for (std::size_t r = 0; r < chart.rows.size(); ++r) {
    const auto& row = chart.rows[r];
    const double y = kTop + kRow * static_cast<double>(r) + (kRow - kBar) / 2;
    drawing += text(axis.left - 10, y + kBar - 4, "end", cut(row.label, kLongestLabel));
    double sum = 0;
    for (std::size_t s = 0; s < row.parts.size(); ++s) {
      const double from = axis.x(sum), to = axis.x(sum + std::max(row.parts[s], 0.0));
      sum += std::max(row.parts[s], 0.0);
      if (to - from < 0.05) continue;
      drawing +=
          empty_element("rect", {{"x", at(from)}, {"y", at(y)}, {"width", at(to - from)}, {"height", at(kBar)}, {"class", style(s)}});
    }
    drawing += text(axis.x(sum) + 6, y + kBar - 4, "soft", row.value);
  }
  Markup legend;
  if (chart.series.size() > 1) {
    for (std::size_t s = 0; s < chart.series.size(); ++s)
      legend +=
          swatch(empty_element("rect", {{"x", "0"}, {"y", "0"}, {"width", "22"}, {"height", "10"}, {"class", style(s)}}), chart.series[s]);
    legend = element("div", {{"class", "legend"}}, legend);
  }
  return figure(chart.title, "The numbers stand in the table.", chart.caption, bottom + 40, legend, drawing);
}

}  // namespace wan::reports
