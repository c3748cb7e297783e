#include "harness/baseline/baseline.h"

namespace wan::baseline {

std::string file_stem(const std::string& machine_class) {
  std::string stem;
  for (const char c : machine_class) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    const bool capital = c >= 'A' && c <= 'Z';
    if (letter || capital)
      stem += capital ? static_cast<char>(c - 'A' + 'a') : c;
    else if (!stem.empty() && stem.back() != '_')
      stem += '_';
  }
  while (stem.ends_with('_')) stem.pop_back();
  return stem.empty() ? "unknown" : stem;
}

}  // namespace wan::baseline
