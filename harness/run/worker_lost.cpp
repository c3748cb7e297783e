#include "harness/run/worker_lost.h"

namespace wan::run {
namespace {

std::string with_log(std::string sentence, const std::vector<std::string>& log_tail) {
  if (!log_tail.empty()) sentence += "\nits log ends:";
  for (const auto& line : log_tail) sentence += "\n  " + line;
  return sentence;
}

}  // namespace

WorkerLost::WorkerLost(Cause cause, const std::string& sentence, std::vector<std::string> log_tail)
    : std::runtime_error(with_log(sentence, log_tail)), cause_(cause), log_tail_(std::move(log_tail)) {}

}  // namespace wan::run
