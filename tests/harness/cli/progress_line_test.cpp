#include "harness/cli/progress_line.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/support/temporary_folder.h"

namespace wan::cli {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// A terminal of our own: what is written to its one end is read from the other.
class Terminal {
 public:
  Terminal() : master_(::posix_openpt(O_RDWR | O_NOCTTY)) {
    ::grantpt(master_);
    ::unlockpt(master_);
    stream_ = ::fdopen(::open(::ptsname(master_), O_RDWR | O_NOCTTY), "w");
  }
  ~Terminal() {
    if (stream_) std::fclose(stream_);
    ::close(master_);
  }
  Terminal(const Terminal&) = delete;  // closes once
  Terminal& operator=(const Terminal&) = delete;

  std::FILE* stream() { return stream_; }
  // All that was written: what a terminal takes arrives in pieces, so a mark is sent after it.
  std::string read() {
    std::fputc(kMark, stream_);
    std::fflush(stream_);
    std::string text;
    for (char letter = 0; ::read(master_, &letter, 1) == 1 && letter != kMark;) text += letter;
    return text;
  }

 private:
  static constexpr char kMark = '\x01';
  int master_;
  std::FILE* stream_ = nullptr;
};

TEST(ProgressLine, RedrawsInPlaceAndEndsTheLineAtTheEnd) {
  Terminal terminal;
  if (!terminal.stream()) GTEST_SKIP() << "no pseudo-terminal here";
  ProgressLine line(terminal.stream());
  line.show_bytes("loading", 3'100'000'000, 28'600'000'000);
  const std::string first = terminal.read();
  EXPECT_THAT(first, StartsWith("\rloading 3.1 of 28.6 GB, "));
  EXPECT_THAT(first, Not(HasSubstr("\n")));
  line.show_steps("step", 40, 40);
  const std::string last = terminal.read();
  EXPECT_THAT(last, StartsWith("\rstep 40 of 40   ")) << "what is left of the longer line is blanked";
  EXPECT_THAT(last, EndsWith("\n"));
}

TEST(ProgressLine, EndsALineThatWasBrokenOff) {
  Terminal terminal;
  if (!terminal.stream()) GTEST_SKIP() << "no pseudo-terminal here";
  { ProgressLine(terminal.stream()).show_steps("step", 1, 2); }
  EXPECT_THAT(terminal.read(), EndsWith("\n"));
}

TEST(ProgressLine, IsSilentWhereThereIsNoTerminal) {
  const testing::TemporaryFolder folder;
  const auto path = folder / "log";
  std::FILE* file = std::fopen(path.c_str(), "w");
  ASSERT_TRUE(file);
  {
    ProgressLine line(file);
    line.show_bytes("loading", 1, 2);
    line.show_steps("step", 2, 2);
  }
  std::fclose(file);
  EXPECT_EQ(std::filesystem::file_size(path), 0U);
}

}  // namespace
}  // namespace wan::cli
