// A folder per run, and inside it:
//
//   run.json      what was asked for, the machine and, once the run is complete, everything
//   cells.jsonl   one finished cell a line, appended and synced one by one: the truth. Killing the program at any time loses at most the
//   cell
//                 that was running; a torn last line is dropped.
//   visits.jsonl  one finished visit a line, in the same way
//   clips/        raw clips, while the run is open
//
// One process writes a run at a time (a lock on cells.jsonl says so).
#pragma once

#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>

#include "harness/store/record.h"

namespace wan::store {

// The store cannot be written: disk full, no permission, folder gone. What was written before stays readable.
class StorageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class RunFolder {
 public:
  // Makes <root>/<run_id>, run_id = <UTC stamp>-<label>-<first letters of the plan hash>, and writes `planned` there. StorageError if it
  // cannot.
  static RunFolder create(const std::filesystem::path& root, RunRecord planned, const std::string& label);
  // Opens the latest unfinished run of the same plan below `root` that no other process writes; nothing if there is none.
  static std::optional<RunFolder> resume(const std::filesystem::path& root, const std::string& plan_hash);
  ~RunFolder();
  RunFolder(RunFolder&& other) noexcept;
  RunFolder& operator=(RunFolder&&) = delete;  // a run's lock is held by one object from first to last

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path clips() const { return path_ / "clips"; }
  // As on disk when it was opened: for a resumed run with the cells that were finished.
  const RunRecord& record() const { return record_; }

  // One cell, on disk when this returns. StorageError takes back what was written of it.
  void append(const Cell& cell);
  void append(const Visit& visit);
  // Replaces run.json as a whole.
  void write(const RunRecord& record);

 private:
  RunFolder(std::filesystem::path path, RunRecord record, int cells_fd, int visits_fd);
  std::filesystem::path path_;
  RunRecord record_;
  int cells_fd_ = -1, visits_fd_ = -1;
};

// The record of a run folder (run.json, with the cells of cells.jsonl laid over it while the run is open), or of an exported JSON file.
// Throws UsageError.
RunRecord read_run(const std::filesystem::path& folder_or_file);

// 20260131T235959Z
std::string utc_stamp(std::int64_t seconds_since_epoch);
// 2026-01-31T23:59:59Z
std::string utc_iso8601(std::int64_t seconds_since_epoch);

}  // namespace wan::store
