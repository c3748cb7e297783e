// The curves of a training: rows of named figures by step, as CSV for tools and as one SVG for people.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace wan::train {

class Curves {
 public:
  // The rows up to `last_step` of a file that `write` made; later ones belong to steps that will be done again. No file: no rows. Throws
  // UsageError with the line for one that it did not make.
  static Curves read(const std::filesystem::path& csv, std::int64_t last_step);

  // The same names in every row.
  void add(std::int64_t step, const std::vector<std::pair<std::string, double>>& figures);

  // One panel a figure, the vertical axis logarithmic where all values are positive and span more than a decade.
  std::string csv() const;
  std::string svg(const std::string& title) const;
  void write(const std::filesystem::path& csv_file, const std::filesystem::path& svg_file, const std::string& title) const;

 private:
  std::vector<std::string> names_;
  std::vector<std::int64_t> steps_;
  std::vector<std::vector<double>> rows_;
};

}  // namespace wan::train
