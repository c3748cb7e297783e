// How long the rest of a run will take, from recorded costs and what this run has measured so far. Pure.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>

#include "harness/plan/run_plan.h"

namespace wan::run {

class Eta {
 public:
  explicit Eta(plan::Costs recorded = {}) : recorded_(std::move(recorded)) {}

  void plan(const std::string& configuration, std::size_t cells);
  void plan_steps(const std::string& configuration, std::size_t visits);  // that time steps beside the cells
  void loaded(const std::string& configuration, double load_s);
  void finished(const std::string& configuration, double clip_s);  // one cell, scoring included
  void dropped(const std::string& configuration);                  // one cell that took no time worth counting

  void steps_timed(const std::string& configuration, double visit_s);  // one visit's
  void steps_dropped(const std::string& configuration);                // of one visit, by an earlier sitting

  // Seconds; nothing while neither this run nor a recorded one has finished a clip. What is unknown of one configuration is taken from the
  // mean of those that are known.
  std::optional<double> remaining_s() const;

 private:
  struct Progress {
    std::size_t cells_left = 0, cells_done = 0;
    double spent_s = 0;
    std::size_t visits_left = 0, visits_done = 0;
    double steps_s = 0;  // of the visits that are done
    std::optional<double> load_s = {};
  };
  std::optional<double> clip_s(const std::string& configuration) const;
  double steps_left_s(const std::string& configuration) const;
  plan::Costs recorded_;
  std::map<std::string, Progress> progress_;
};

}  // namespace wan::run
