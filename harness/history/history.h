// What the runs of a store say together, night after night: a series for each figure of each configuration, and where its level changed.
// It informs and decides nothing: the gate of a night compares within that night, which sees a regression at once and without drift; a
// history shows the slow ones, and since when.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/store/index.h"
#include "harness/store/record.h"

namespace wan::history {

// One run.
struct Night {
  std::string folder;
  std::string started_at;  // UTC, ISO 8601
  std::string git_revision = {}, build_id = {}, weights_hash = {}, driver = {};
  double value = 0;
};

// Something that is not the same on both sides of a change.
struct Difference {
  std::string what;  // commit, build, weights, driver
  std::string before, after;
};

struct Change {
  std::size_t night = 0;         // index of the first one of the new level
  double before = 0, after = 0;  // medians of the level before and of the new one
  double p = 1;                  // of its own test (measure/change_points.h)
  bool better = false;
  std::vector<Difference> differences = {};  // between the nights beside it; none: nothing that a record knows
};

// What runs have in common whose figures may be laid side by side.
struct Scope {
  std::string machine_class, model, suite, shape;
  bool operator==(const Scope&) const = default;
};
Scope scope_of(const store::RunRecord& run);

// One figure of one configuration over runs of one scope and number of clips: of others another level is no change.
struct Series {
  std::string configuration, figure;  // figure: speedup, clip_s, loop_speedup, loop_s (gate/visit_times.h), or a score
  Scope scope = {};
  std::int64_t clips = 0;
  std::vector<Night> nights = {};  // the oldest first
  double p = 1;                    // that nothing changed
  double adjusted_p = 1;           // by Holm over all series of the history that were tested
  std::vector<Change> changes = {};
};

struct History {
  std::vector<Series> series = {};        // by machine class, model, suite, shape, configuration, figure
  std::size_t tested = 0;                 // series that are long enough
  std::vector<std::string> skipped = {};  // runs that cannot be read, each with its reason
};

struct HistoryOptions {
  // That a history in which nothing ever changed shows a change. Looked at every night, 0.05 would cry wolf too often.
  double alpha = 0.01;
  std::size_t most_nights = 90;                  // of a series, the latest
  std::vector<std::string> configurations = {};  // empty: all
  std::optional<Scope> scope = {};               // absent: all
};

// Reads the runs below `root` that the index has no figures of, stores these, and looks for changes over all. Brings the index up to date
// first; what another process is adding just then may be missing. `progress` hears of runs that have to be read, some thousands of clips a
// second; of a run that is new twice, for the index and for its figures.
using Progress = std::function<void(const store::Index::Progress&)>;
History read_history(const std::filesystem::path& root, const HistoryOptions& options = {}, const Progress& progress = {});

// The same over figures at hand. Pure.
History make_history(const std::vector<store::IndexedRun>& runs, const std::vector<store::RunFigure>& figures,
                     const HistoryOptions& options);

// Whether more of it is better: not of times, LPIPS and MSE.
bool more_is_better(const std::string& figure);

}  // namespace wan::history
