// A folder per run, and inside it:
//
//   cells.jsonl   one finished cell a line, appended and synced one by one: the truth. Killing the program at any time loses at most the
//   cell
//                 that was running; a torn last line is dropped.
//   visits.jsonl  one finished visit a line, in the same way
//   run.json      what was asked for, the machine, and of every planned cell what the plan knows, its status and its seal
//   clips/        raw clips, while the run is open
//
// One process writes a run at a time: a lock on cells.jsonl says so, and goes with the process. Every read checks every seal (seal.h).
#pragma once

#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "harness/store/record.h"
#include "harness/store/seal.h"

namespace wan::store {

inline constexpr const char* kRunFile = "run.json";
inline constexpr const char* kCellFile = "cells.jsonl";
inline constexpr const char* kVisitFile = "visits.jsonl";
inline constexpr const char* kClipFolder = "clips";

// The store cannot be written: disk full, no permission, folder gone, another writer. What was written before stays readable.
class StorageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Which run a request continues: the same plan, and the same part of it.
struct ResumeKey {
  std::string plan_hash;
  std::string shard = {};
};

class RunFolder {
 public:
  // Makes <root>/<run_id>, run_id = <UTC stamp>-<label>-<first letters of the plan hash>, and writes `planned` there. StorageError if it
  // cannot.
  static RunFolder create(const std::filesystem::path& root, RunRecord planned, const std::string& label);
  // Opens the latest unfinished run of the same request below `root`; nothing if there is none. StorageError if another process writes it.
  static std::optional<RunFolder> resume(const std::filesystem::path& root, const ResumeKey& key);
  // Opens a run that may be finished, to go on with it. StorageError if another process writes it, UsageError if it cannot be read.
  static RunFolder reopen(const std::filesystem::path& path);
  ~RunFolder();
  RunFolder(RunFolder&& other) noexcept;
  RunFolder& operator=(RunFolder&&) = delete;  // a run's lock is held by one object from first to last

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path clips() const { return path_ / kClipFolder; }
  // As on disk when it was opened: for a resumed run with the cells that were finished.
  const RunRecord& record() const { return record_; }

  // Seals the cell or visit; it is on disk when this returns. StorageError takes back what was written of it.
  void append(Cell& cell);
  void append(Visit& visit);
  // Seals the record and replaces run.json as a whole.
  void write(RunRecord& record);
  // All at once what append and write do cell by cell: for a record that was made elsewhere. Cells that are `interrupted` get no line.
  void write_all(RunRecord& record);

 private:
  RunFolder(std::filesystem::path path, RunRecord record, int cells_fd, int visits_fd);
  std::filesystem::path path_;
  RunRecord record_;
  Identity identity_;
  int cells_fd_ = -1, visits_fd_ = -1;
};

// The record of a run folder, or of an exported JSON file. A clip that is no longer there is one that was not kept. Throws UsageError if it
// cannot be read and TamperError if it is not what was written.
RunRecord read_run(const std::filesystem::path& folder_or_file);
// run.json alone, its own seal checked: quick, and without results.
RunRecord read_run_header(const std::filesystem::path& folder);

// Run folders below `root`, the latest first: names start with the time.
std::vector<std::filesystem::path> list_run_folders(const std::filesystem::path& root);

// 20260131T235959Z
std::string utc_stamp(std::int64_t seconds_since_epoch);
// 2026-01-31T23:59:59Z
std::string utc_iso8601(std::int64_t seconds_since_epoch);

}  // namespace wan::store
