// Charts as inline SVG: each a figure with a title and a description for readers who do not see it. The numbers always stand in a table
// too.
#pragma once

#include <string>
#include <vector>

#include "reports/markup.h"

namespace wan::reports {

// Rows of dots on one axis: one row a configuration, one dot a clip, a stroke at the row's mean, vertical lines at bounds.
struct StripChart {
  struct Dot {
    double value = 0;
    std::string label = {};  // shown when the pointer rests on it
  };
  struct Row {
    std::string label;
    std::vector<Dot> dots = {};
    double mean = 0;
  };
  struct Line {
    double value = 0;
    std::string label = {};
    bool floor = false;  // the noise floor's, drawn apart from a gate's bound
  };
  std::string title;
  std::string caption = {};
  std::string axis = {};  // what the values are, with unit
  std::vector<Row> rows = {};
  std::vector<Line> lines = {};
};
// Values that are not finite are drawn at the end of the axis, and the label says so.
Markup strip_chart(const StripChart& chart);

// Horizontal bars made of named parts.
struct BarChart {
  struct Row {
    std::string label;
    std::vector<double> parts = {};  // one a series
    std::string value = {};          // written at the end of the bar
  };
  std::string title;
  std::string caption = {};
  std::string axis = {};
  std::vector<std::string> series = {};
  std::vector<Row> rows = {};
};
Markup bar_chart(const BarChart& chart);

// Round numbers (1, 2 or 5 times a power of ten) that cover the range in about `count` steps.
std::vector<double> ticks(double low, double high, int count);

}  // namespace wan::reports
