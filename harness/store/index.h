// An index of all runs below one folder, for questions over many of them: SQLite, beside the run folders. It is never the truth: whatever
// is in it is read again from the runs when it is missing, older than they are, of another schema or corrupt, and deleting it costs
// nothing but time.
//
// Any number of processes may open it. One at a time brings it up to date (a lock on a file beside it says who); the others read what is
// there. Where it cannot be written it is kept in memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "harness/store/record.h"

namespace wan::store {

inline constexpr const char* kIndexFile = "index.sqlite3";

struct IndexedRun {
  std::string folder;   // relative to the root
  std::string problem;  // not empty: it cannot be read, and this says why; nothing else is known of it
  std::string run_id = {}, plan_hash = {}, shard = {}, tier_id = {}, suite_id = {}, model = {}, device_name = {}, build_id = {},
              weights_hash = {};
  std::string machine_class = {}, shape = {}, git_revision = {}, driver = {};
  std::string started_at = {};
  bool complete = false;
  double elapsed_s = 0;
  std::int64_t cells = 0, done = 0, failed = 0;
};

// One score of one cell over many runs.
struct IndexedScore {
  std::string folder, day, prompt;  // day: 2026-01-31
  std::uint64_t seed = 0;
  double value = 0;      // the clip's mean
  double elapsed_s = 0;  // 0: not timed
};

// What a run comes to for one configuration: a speed-up, a score of the suite. The gate's arithmetic, so others work it out and the index
// keeps it.
struct IndexedFigure {
  std::string configuration, name;
  double value = 0;
  std::int64_t clips = 0;  // planned of the configuration
  bool operator==(const IndexedFigure&) const = default;
};

// A figure and the run that it is of.
struct RunFigure {
  std::string folder;
  IndexedFigure figure;
};

class Index {
 public:
  // `root` need not exist. Corrupt files are replaced.
  explicit Index(std::filesystem::path root);
  ~Index();
  Index(const Index&) = delete;  // owns a database handle
  Index& operator=(const Index&) = delete;

  struct Progress {
    std::size_t done, total;  // runs that had to be read
  };
  // Reads what is new or changed and forgets what is gone. False if another process is doing so: then answers may be older than the runs.
  bool refresh(const std::function<void(const Progress&)>& progress = {});

  // One run alone, so that a list after it finds nothing to do. False as above.
  bool add(const std::string& folder);

  std::vector<IndexedRun> runs();  // the latest first
  // Of finished cells of readable runs, the oldest first. A score that is no number is left out.
  std::vector<IndexedScore> history(const std::string& configuration, const std::string& metric);
  // Folders that hold a finished cell with this key, the latest first.
  std::vector<std::string> folders_with(const std::string& key);

  // Folders of complete runs, shards apart, whose figures were not stored since they last changed; the oldest first.
  std::vector<std::string> folders_without_figures();
  // Takes the place of what was stored of this run; nothing if the run is not in the index.
  void store_figures(const std::string& folder, std::span<const IndexedFigure> figures);
  // All that are stored, the oldest run's first.
  std::vector<RunFigure> figures();

 private:
  struct Tables;
  template <typename Work>
  auto repaired(const Work& work);
  void open();
  void replace();
  bool refresh_once(const std::function<void(const Progress&)>& progress);
  void read_run_again(const std::string& folder, const std::string& stamp);
  std::filesystem::path root_;
  std::unique_ptr<Tables> tables_;
};

}  // namespace wan::store
