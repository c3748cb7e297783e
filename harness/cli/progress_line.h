// One line of progress for a person at a terminal, redrawn in place. Nothing is written where the stream is no terminal: a log holds
// results, not their coming about.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>

namespace wan::cli {

class ProgressLine {
 public:
  explicit ProgressLine(std::FILE* stream);
  ~ProgressLine();                             // ends the line
  ProgressLine(const ProgressLine&) = delete;  // the line has one writer
  ProgressLine& operator=(const ProgressLine&) = delete;

  void show_bytes(const char* what, std::int64_t done, std::int64_t total);  // "loading 3.1 of 28.6 GB, 2.4 GB/s"
  void show_steps(const char* what, std::int64_t done, std::int64_t total);  // "step 3 of 40"

 private:
  void draw(const std::string& text, bool last);

  using Clock = std::chrono::steady_clock;
  std::FILE* stream_;
  bool is_terminal_;
  bool open_ = false;      // something stands on the line
  std::size_t width_ = 0;  // of what stands there
  Clock::time_point start_, drawn_ = {};
};

}  // namespace wan::cli
