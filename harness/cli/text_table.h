// A plain table for the terminal: columns as wide as their widest entry, numbers to the right.
#pragma once

#include <string>
#include <vector>

namespace wan::cli {

struct TextColumn {
  std::string title;
  bool numeric = false;
};

struct TextTable {
  std::vector<TextColumn> columns;
  std::vector<std::vector<std::string>> rows = {};
};

std::string render(const TextTable& table);

}  // namespace wan::cli
