// The raw clips of a run's folder: kept while the run is open, named by configuration and key, lossless.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "engine/base/video_clip.h"
#include "harness/store/record.h"

namespace wan::run {

class ClipKeeper {
 public:
  explicit ClipKeeper(std::filesystem::path run_folder);

  // Writes the clip and notes file and hash in the cell. StorageError if it cannot be written.
  void keep(const VideoClip& clip, store::Cell& cell) const;
  // The clip of a cell; nothing if it was not kept, is gone, or is no longer the clip that the cell speaks of.
  std::optional<VideoClip> find(const store::Cell& cell) const;
  // The same without reading it: enough to know that a cell need not be run again.
  bool has(const store::Cell& cell) const;
  // Deletes the file, if it is there, and takes it out of the cell.
  void drop(store::Cell& cell) const;

 private:
  std::filesystem::path run_folder_;
};

// Every clip that the run kept is the one that its cell speaks of; else TamperError names the first that is not.
void check_clips(const store::RunRecord& run, const std::filesystem::path& run_folder);

}  // namespace wan::run
