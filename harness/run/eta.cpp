#include "harness/run/eta.h"

namespace wan::run {

void Eta::plan(const std::string& configuration, std::size_t cells) { progress_[configuration].cells_left += cells; }

void Eta::loaded(const std::string& configuration, double load_s) { progress_[configuration].load_s = load_s; }

void Eta::finished(const std::string& configuration, double clip_s) {
  Progress& progress = progress_[configuration];
  ++progress.cells_done;
  progress.spent_s += clip_s;
  dropped(configuration);
}

void Eta::dropped(const std::string& configuration) {
  Progress& progress = progress_[configuration];
  if (progress.cells_left > 0) --progress.cells_left;
}

std::optional<double> Eta::clip_s(const std::string& configuration) const {
  const Progress& own = progress_.at(configuration);
  if (own.cells_done > 0) return own.spent_s / static_cast<double>(own.cells_done);
  if (const auto found = recorded_.clip_s.find(configuration); found != recorded_.clip_s.end()) return found->second;
  double spent_s = 0;
  std::size_t cells = 0;
  for (const auto& [id, progress] : progress_) {
    spent_s += progress.spent_s;
    cells += progress.cells_done;
  }
  if (cells > 0) return spent_s / static_cast<double>(cells);
  return std::nullopt;
}

std::optional<double> Eta::remaining_s() const {
  double total_s = 0, known_load_s = 0;
  std::size_t known_loads = 0;
  for (const auto& [id, progress] : progress_) {
    if (!progress.load_s) continue;
    known_load_s += *progress.load_s;
    ++known_loads;
  }
  for (const auto& [id, progress] : progress_) {
    if (progress.cells_left == 0) continue;
    const auto one_s = clip_s(id);
    if (!one_s) return std::nullopt;
    total_s += *one_s * static_cast<double>(progress.cells_left);
    if (progress.load_s) continue;
    const auto found = recorded_.load_s.find(id);
    if (found != recorded_.load_s.end()) {
      total_s += found->second;
    } else if (known_loads > 0) {
      total_s += known_load_s / static_cast<double>(known_loads);
    }
  }
  return total_s;
}

}  // namespace wan::run
