// `baseline`: what several nights of a machine class agreed on, as files that are reviewed and committed.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "engine/base/error.h"
#include "harness/baseline/baseline_json.h"
#include "harness/baseline/compare_baselines.h"
#include "harness/baseline/propose.h"
#include "harness/cli/baseline_text.h"
#include "harness/cli/eval_options.h"
#include "harness/cli/exit_status.h"
#include "harness/cli/promoted_path.h"
#include "harness/cli/stored_run.h"
#include "harness/cli/text_table.h"
#include "harness/store/cell_log.h"
#include "harness/store/record_text.h"

namespace wan::cli {
namespace {

namespace fs = std::filesystem;
using baseline::Baseline;

constexpr const char* kProposed = ".proposed";

class Folder {
 public:
  explicit Folder(fs::path root) : root_(std::move(root)) {}
  fs::path promoted(const std::string& stem) const { return promoted_path(root_, stem); }
  fs::path proposed(const std::string& stem) const { return root_ / (stem + kProposed + ".json"); }
  static Baseline read(const fs::path& path) { return baseline::baseline_from_json(store::read_text(path), path.string()); }
  // An empty baseline where there is no such file.
  static Baseline read_if_there(const fs::path& path) { return fs::exists(path) ? read(path) : Baseline{}; }
  void write(const fs::path& path, const Baseline& baseline) const {
    fs::create_directories(root_);
    store::replace_file(fs::absolute(path), baseline::to_json(baseline));
  }
  // Promoted and proposed files, sorted.
  std::vector<fs::path> files() const {
    std::vector<fs::path> found;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(root_, error))
      if (entry.path().extension() == ".json") found.push_back(entry.path());
    std::sort(found.begin(), found.end());
    return found;
  }
  // The one class that has a candidate, or the one that was named.
  std::string stem_of_candidate(const std::string& named) const {
    std::vector<std::string> stems;
    for (const auto& path : files())
      if (const std::string stem = path.stem().string(); stem.ends_with(kProposed))
        stems.push_back(stem.substr(0, stem.size() - std::string(kProposed).size()));
    if (stems.empty())
      throw UsageError(fmt::format("{}: nothing is proposed; `wan-eval baseline propose RUN RUN RUN` does", root_.string()));
    if (named.empty() && stems.size() == 1) return stems.front();
    if (std::find(stems.begin(), stems.end(), named) != stems.end()) return named;
    throw UsageError(fmt::format("say which class with --class: {} {} proposed", fmt::join(stems, ", "), stems.size() == 1 ? "is" : "are"));
  }

 private:
  fs::path root_;
};

int list_baselines(const Folder& folder) {
  TextTable table{
      .columns = {{"file"}, {"state"}, {"machine class"}, {"tier"}, {"configurations", true}, {"nights", true}, {"of"}, {"floor"}}};
  for (const auto& path : folder.files()) {
    const Baseline baseline = Folder::read(path);
    const auto* first = baseline.entries.empty() ? nullptr : &baseline.entries.front();
    table.rows.push_back({path.filename().string(), path.stem().string().ends_with(kProposed) ? "proposed" : "promoted",
                          baseline.machine_class, baseline.tier, std::to_string(baseline.entries.size()),
                          first ? std::to_string(first->n) : "–", first ? first->provenance.date : "–",
                          baseline.floors.empty() ? "none" : baseline.floors.front().configuration});
  }
  fmt::print("{}", table.rows.empty() ? "no baseline yet\n" : render(table));
  return static_cast<int>(ExitStatus::held);
}

int propose(const Folder& folder, const BaselineOptions& options) {
  std::vector<store::RunRecord> nights;
  for (const auto& run : options.runs) nights.push_back(read_stored_run(run).record);
  Baseline proposed = baseline::propose(nights);
  const std::string stem = baseline::file_stem(proposed.machine_class);
  proposed.floors = Folder::read_if_there(folder.promoted(stem)).floors;  // until the next calibration
  folder.write(folder.proposed(stem), proposed);
  fmt::print("{}\nproposed: {}\n", baseline_text(proposed), folder.proposed(stem).string());
  return static_cast<int>(ExitStatus::held);
}

int show_difference(const Folder& folder, const BaselineOptions& options) {
  const std::string stem = folder.stem_of_candidate(options.machine_class);
  if (!fs::exists(folder.promoted(stem))) fmt::print("nothing is promoted for {} yet\n\n", stem);
  fmt::print("{}", difference_text(
                       baseline::compare_baselines(Folder::read_if_there(folder.promoted(stem)), Folder::read(folder.proposed(stem)))));
  return static_cast<int>(ExitStatus::held);
}

int promote(const Folder& folder, const BaselineOptions& options) {
  const std::string stem = folder.stem_of_candidate(options.machine_class);
  const Baseline before = Folder::read_if_there(folder.promoted(stem));
  const Baseline after = baseline::promoted(before, Folder::read(folder.proposed(stem)), options.reason);
  folder.write(folder.promoted(stem), after);
  fs::remove(folder.proposed(stem));
  fmt::print("promoted: {}\n{}", folder.promoted(stem).string(), tag_text(stem, after));
  return static_cast<int>(ExitStatus::held);
}

// The floor goes into the candidate; where there is none, into a copy of the promoted file, so that it too is reviewed.
int calibrate(const Folder& folder, const BaselineOptions& options) {
  std::vector<store::RunRecord> nights;
  for (const auto& night : options.runs) nights.push_back(read_stored_run(night).record);
  const store::RunRecord& run = nights.front();
  const std::string stem = baseline::file_stem(store::machine_class(run.environment));
  const fs::path path = fs::exists(folder.proposed(stem)) ? folder.proposed(stem) : folder.promoted(stem);
  if (!fs::exists(path))
    throw UsageError(fmt::format("{}: no baseline of this class to calibrate; propose one first", store::machine_class(run.environment)));
  Baseline candidate = Folder::read(path);
  if (run.shape.precision.empty() || store::shape_text(run.shape) != candidate.shape || run.model != candidate.model)
    throw UsageError(fmt::format("{}: made with {} at {}, the baseline with {} at {}", run.run_id, run.model, store::shape_text(run.shape),
                                 candidate.model, candidate.shape));
  candidate.floors = baseline::calibrate(nights);
  folder.write(folder.proposed(stem), candidate);
  fmt::print("{}\nproposed: {}\n", baseline_text(candidate), folder.proposed(stem).string());
  return static_cast<int>(ExitStatus::held);
}

}  // namespace

int manage_baselines(const BaselineOptions& options) {
  const Folder folder(baselines_dir(options.dir));
  if (options.action == "list") return list_baselines(folder);
  if (options.action == "propose") return propose(folder, options);
  if (options.action == "diff") return show_difference(folder, options);
  if (options.action == "promote") return promote(folder, options);
  return calibrate(folder, options);
}

}  // namespace wan::cli
