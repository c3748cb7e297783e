#include "harness/cli/progress_line.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>

namespace wan::cli {
namespace {

constexpr auto kBetweenDraws = std::chrono::milliseconds(50);  // more than an eye sees, less than a terminal minds

}  // namespace

ProgressLine::ProgressLine(std::FILE* stream) : stream_(stream), is_terminal_(::isatty(::fileno(stream)) != 0), start_(Clock::now()) {}

ProgressLine::~ProgressLine() {
  if (open_) std::fputc('\n', stream_);
}

void ProgressLine::show_bytes(const char* what, std::int64_t done, std::int64_t total) {
  const double elapsed_s = std::chrono::duration<double>(Clock::now() - start_).count(), gb = static_cast<double>(done) / 1e9;
  draw(fmt::format("{} {:.1f} of {:.1f} GB, {:.1f} GB/s", what, gb, static_cast<double>(total) / 1e9, gb / std::max(elapsed_s, 1e-3)),
       done == total);
}

void ProgressLine::show_steps(const char* what, std::int64_t done, std::int64_t total) {
  draw(fmt::format("{} {} of {}", what, done, total), done == total);
}

void ProgressLine::draw(const std::string& text, bool last) {
  if (!is_terminal_ || (!last && Clock::now() - drawn_ < kBetweenDraws)) return;
  drawn_ = Clock::now();
  fmt::print(stream_, "\r{:<{}}{}", text, width_, last ? "\n" : "");
  std::fflush(stream_);
  width_ = last ? 0 : text.size();
  open_ = !last;
}

}  // namespace wan::cli
