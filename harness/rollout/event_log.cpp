#include "harness/rollout/event_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "engine/base/error.h"
#include "harness/rollout/event_json.h"
#include "harness/store/cell_log.h"
#include "harness/store/line_log.h"
#include "harness/store/result_store.h"

namespace wan::rollout {
namespace {

struct Contents {
  State state = {};
  std::int64_t sound_bytes = 0;
};

void take(State& state, const Event& event, const std::string& place) {
  if (event.seal != seal_of(event, state.seal))
    throw store::TamperError(fmt::format("{}: this is not the event that was written there, or one before it is gone", place));
  if (const std::string fault = refusal(state, event); !fault.empty()) throw UsageError(fmt::format("{}: {}", place, fault));
  apply(state, event);
}

Contents read(const std::filesystem::path& path) {
  Contents contents;
  contents.sound_bytes = store::read_line_log<Event>(
      path, event_from_json_line, [&](Event&& event, const std::string& place) { take(contents.state, event, place); },
      "sound events follow: put a sound copy of the file in its place");
  return contents;
}

[[noreturn]] void fail(const std::filesystem::path& path, const char* what) {
  throw store::StorageError(fmt::format("{}: {}: {}", path.string(), what, std::generic_category().message(errno)));
}

int open_log(const std::filesystem::path& path, EventLog::Missing missing) {
  if (missing == EventLog::Missing::made) {
    std::error_code error;
    std::filesystem::create_directories(path.parent_path(), error);  // if it cannot, the open below says why
  }
  const int fd = ::open(path.c_str(), O_RDWR | O_APPEND | O_CLOEXEC | (missing == EventLog::Missing::made ? O_CREAT : 0), 0644);
  if (fd >= 0) return fd;
  if (errno == ENOENT && missing == EventLog::Missing::refused)
    throw UsageError(
        fmt::format("{}: no rollout has been started in this store; `wan-eval rollout start --config ID` begins one, --out names the store",
                    path.string()));
  fail(path, "cannot open");
}

}  // namespace

State read_state(const std::filesystem::path& root) {
  const auto path = root / kStateFile;
  return std::filesystem::exists(path) ? read(path).state : State{};
}

EventLog::EventLog(const std::filesystem::path& root, Missing missing)
    : path_(std::filesystem::absolute(root) / kStateFile), fd_(open_log(path_, missing)) {
  try {
    while (::flock(fd_, LOCK_EX) != 0)
      if (errno != EINTR) fail(path_, "cannot lock");
    Contents contents = read(path_);
    // Only under the lock: without it, what looks torn may be another process's line on its way.
    if (::ftruncate(fd_, contents.sound_bytes) != 0) fail(path_, "cannot cut off a torn end");
    store::sync_folder(path_.parent_path());
    state_ = std::move(contents.state);
  } catch (...) {
    ::close(fd_);  // a constructor that throws has no destructor
    throw;
  }
}

EventLog::~EventLog() { ::close(fd_); }

void EventLog::append(Event event) {
  event.sequence = state_.sequence + 1;
  event.seal = seal_of(event, state_.seal);
  State after = state_;
  apply(after, event);
  store::append_line(fd_, to_json_line(event), path_);
  state_ = std::move(after);
}

}  // namespace wan::rollout
