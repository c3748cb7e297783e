// Any bytes as an .mp4: our reader gives whole frames or a UsageError. The decoder is a library's, so each input is read in a child
// process: what breaks there is told from what breaks here, and only the latter is a finding.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "engine/media/clip_file.h"

namespace {

constexpr int kBroken = 99;           // ours: frames that are not there, or another exception
constexpr unsigned kSeconds = 10;     // after which SIGALRM ends the child
constexpr std::int64_t kFrames = 64;  // read at most

int read(const std::filesystem::path& path) {
  try {
    const auto source = wan::media::open_clip(path);
    if (source->format().frames < 1 || source->frame_bytes() == 0) return kBroken;
    std::vector<std::uint8_t> buffer(source->frame_bytes());
    for (std::int64_t i = 0; i < std::min(kFrames, source->format().frames); ++i)
      if (source->next(buffer).size() != buffer.size()) return kBroken;
  } catch (const wan::UsageError&) {
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());  // the finding
    return kBroken;
  }
  return 0;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::filesystem::path path = std::filesystem::temp_directory_path() / ("video_fuzz_" + std::to_string(::getpid()) + ".mp4");
  std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  static const bool kOpened = wan::media::can_write_mp4();  // brings the library in once, not in every child
  if (!kOpened) return 0;
  const pid_t child = ::fork();
  if (child == 0) {
    for (const int signal : {SIGALRM, SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL}) ::signal(signal, SIG_DFL);  // the fuzzer's own handlers
    ::alarm(kSeconds);
    ::_exit(read(path));
  }
  int status = 0;
  pid_t ended = -1;
  do ended = ::waitpid(child, &status, 0);
  while (ended < 0 && errno == EINTR);  // the fuzzer's timer
  if (child < 0 || ended != child) __builtin_trap();
  std::filesystem::remove(path);
  if (WIFEXITED(status) && WEXITSTATUS(status) == kBroken) __builtin_trap();
  return 0;
}
