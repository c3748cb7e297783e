// What a finished clip still waits for. Blocks are walked in random order, so a candidate may come before its quality baseline: it is
// scored once the baseline's clip is there, and driven along the baseline's trajectory at its own next visit.
#pragma once

#include <cstddef>
#include <filesystem>
#include <set>
#include <vector>

#include "harness/plan/run_plan.h"
#include "harness/run/clip_keeper.h"
#include "harness/run/scoring.h"
#include "harness/store/result_store.h"

namespace wan::run {

class Settlement {
 public:
  using CellIndex = std::size_t;  // into RunPlan::cells

  struct Parts {
    const plan::RunPlan& plan;
    const store::RunRecord& record;   // that the cells are of
    std::vector<store::Cell*> cells;  // as RunPlan::cells
    store::RunFolder& folder;         // takes cells that get their scores later
    std::filesystem::path data_dir;   // of the metrics
  };
  explicit Settlement(Parts parts);

  // A clip that has just been made; its scores are there afterwards if its baseline's clip is.
  void add(CellIndex index, const VideoClip& clip);
  // The same for a cell that an earlier sitting finished.
  void adopt(CellIndex index);
  // Scores what waited for a baseline that is there now, and stores it. StorageError.
  void score_waiting();

  // Cells of a configuration that wait for being driven along a trajectory that is there.
  std::vector<CellIndex> drivable(std::size_t configuration) const;
  // Those that wait though no trajectory will come any more: their baseline has its outcome.
  std::vector<CellIndex> overdue() const;
  // The scores of the replay stand in the cell, which is stored. StorageError.
  void driven(CellIndex index);

  // A quality baseline's cell that candidates will be driven along.
  bool keeps_trajectory(CellIndex index) const;
  // Of a quality baseline's cell; it need not exist.
  std::filesystem::path trajectory_file(const store::Cell& baseline) const;
  // The same prompt and seed of its quality baseline; nothing for a baseline itself.
  const store::Cell* reference_of(CellIndex index) const;

 private:
  bool score(CellIndex index);
  bool score(CellIndex index, const VideoClip& clip);
  bool wants_to_be_driven(CellIndex index) const;
  std::size_t configuration_of(CellIndex index) const { return parts_.plan.cells[index].configuration; }

  Parts parts_;
  ClipKeeper clips_;
  Scoring scoring_;
  std::set<CellIndex> unscored_, undriven_;  // done, but their baseline was not there yet
};

// False while a cell is still to be made.
bool has_outcome(const store::Cell& cell);

}  // namespace wan::run
