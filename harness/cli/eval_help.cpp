#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/parameter.h"
#include "harness/cli/eval_options.h"
#include "harness/cli/exit_status.h"
#include "harness/cli/help_topics.h"

namespace wan::cli {
namespace {

std::string list_of_topics() {
  std::string text = "wan-eval help TOPIC, where TOPIC is one of\n\n";
  for (const auto& topic : help_topics()) text += fmt::format("  {:<18} {}\n", topic.name, topic.title);
  return text + "\nFlags: wan-eval --help, wan-eval run --help\n";
}

}  // namespace

int explain(const HelpOptions& options) {
  if (options.topic.empty()) {
    fmt::print("{}", list_of_topics());
    return static_cast<int>(ExitStatus::held);
  }
  std::vector<std::string> names;
  for (const auto& topic : help_topics()) {
    if (topic.name == options.topic) {
      fmt::print("{}", topic.text);
      return static_cast<int>(ExitStatus::held);
    }
    names.emplace_back(topic.name);
  }
  const std::string near = nearest_word(options.topic, names);
  throw UsageError(fmt::format("help {}: no such topic{}; there are {}", options.topic,
                               near.empty() ? "" : fmt::format(", did you mean {}?", near), fmt::join(names, ", ")));
}

}  // namespace wan::cli
