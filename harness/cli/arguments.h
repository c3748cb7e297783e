// The command line as both programs take it.
#pragma once

#include <string>
#include <vector>

namespace wan::cli {

// argv[1..] with `_` turned into `-` in the names of long options (both are accepted), in the reverse order that CLI11's vector parse
// wants.
std::vector<std::string> normalized_arguments(int argc, char** argv);

}  // namespace wan::cli
