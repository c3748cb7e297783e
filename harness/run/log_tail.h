// The last lines of a stream of text, as it comes in pieces.
#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace wan::run {

class LogTail {
 public:
  static constexpr std::size_t kLines = 20, kLineBytes = 1000;  // of a longer line the beginning is kept

  void add(std::string_view bytes);  // safe beside lines()
  std::vector<std::string> lines() const;

 private:
  mutable std::mutex mutex_;
  std::deque<std::string> lines_ = {};  // the last one is not ended yet
  bool ended_ = true;
};

}  // namespace wan::run
