// The guide that `wan-eval help TOPIC` prints: one text file a topic in harness/cli/help, compiled in, so that it is there wherever the
// program is.
#pragma once

#include <span>
#include <string_view>

namespace wan::cli {

struct HelpTopic {
  std::string_view name;   // the file's: exit-codes
  std::string_view title;  // the text's first line, without its mark
  std::string_view text;   // Markdown of at most 100 columns, fit to be read as it stands
};

// Sorted by name.
std::span<const HelpTopic> help_topics();

}  // namespace wan::cli
