#include "harness/cli/arguments.h"

#include <algorithm>

namespace wan::cli {

std::vector<std::string> normalized_arguments(int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  for (std::string& argument : arguments) {
    if (argument == "--") break;
    if (!argument.starts_with("--")) continue;
    const auto name_end = std::min(argument.find('='), argument.size());
    std::replace(argument.begin(), argument.begin() + static_cast<std::ptrdiff_t>(name_end), '_', '-');
  }
  std::reverse(arguments.begin(), arguments.end());
  return arguments;
}

}  // namespace wan::cli
