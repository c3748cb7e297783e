// rollout.jsonl in the store's folder: one event a line, appended and synced one by one, each sealed over the one before it. Killing the
// program at any time loses at most the event that was being written: a torn end is dropped, and cut off by the next writer. One process
// writes at a time, by a lock that goes with it; others wait for it. Reading needs no lock.
#pragma once

#include <filesystem>

#include "harness/rollout/rollout.h"

namespace wan::rollout {

inline constexpr const char* kStateFile = "rollout.jsonl";

// What the events of the store's folder come to; an empty state if there is none. UsageError naming file and line if one cannot be read or
// may not follow, store::TamperError if one is not what was written.
State read_state(const std::filesystem::path& root);

class EventLog {
 public:
  enum class Missing { refused, made };
  // Waits for the lock, then reads. Missing::refused: UsageError if there is no log. StorageError if it cannot be opened or locked.
  EventLog(const std::filesystem::path& root, Missing missing);
  ~EventLog();
  EventLog(const EventLog&) = delete;  // the lock is given back once
  EventLog& operator=(const EventLog&) = delete;

  const State& state() const { return state_; }
  // Numbers and seals the event; it is on disk when this returns. UsageError, and nothing written, if it may not follow.
  void append(Event event);

 private:
  std::filesystem::path path_;
  int fd_ = -1;
  State state_;
};

}  // namespace wan::rollout
