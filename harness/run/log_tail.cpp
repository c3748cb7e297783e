#include "harness/run/log_tail.h"

namespace wan::run {

void LogTail::add(std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  for (const char byte : bytes) {
    if (byte == '\n' || byte == '\r') {  // a progress line overwrites itself
      ended_ = true;
      continue;
    }
    if (ended_) {
      lines_.emplace_back();
      if (lines_.size() > kLines) lines_.pop_front();
      ended_ = false;
    }
    if (lines_.back().size() < kLineBytes) lines_.back() += byte;
  }
}

std::vector<std::string> LogTail::lines() const {
  const std::lock_guard lock(mutex_);
  return {lines_.begin(), lines_.end()};
}

}  // namespace wan::run
