#include "harness/run/eta.h"

namespace wan::run {

void Eta::plan(const std::string& configuration, std::size_t cells) { progress_[configuration].cells_left += cells; }

void Eta::plan_steps(const std::string& configuration, std::size_t visits) { progress_[configuration].visits_left += visits; }

void Eta::steps_timed(const std::string& configuration, double visit_s) {
  Progress& progress = progress_[configuration];
  ++progress.visits_done;
  progress.steps_s += visit_s;
  steps_dropped(configuration);
}

void Eta::steps_dropped(const std::string& configuration) {
  Progress& progress = progress_[configuration];
  if (progress.visits_left > 0) --progress.visits_left;
}

// Nothing where neither is known: steps are a small part of a clip.
double Eta::steps_left_s(const std::string& configuration) const {
  const Progress& own = progress_.at(configuration);
  const auto found = recorded_.steps_s.find(configuration);
  const double one_s = own.visits_done > 0                ? own.steps_s / static_cast<double>(own.visits_done)
                       : found != recorded_.steps_s.end() ? found->second
                                                          : 0.0;
  return one_s * static_cast<double>(own.visits_left);
}

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
    total_s += steps_left_s(id);
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
