// A promoted state of one machine class: figures over several nights, each with where it came from, and the noise floor that margins
// follow from.
#pragma once

#include <string>
#include <vector>

#include "harness/measure/confidence.h"
#include "harness/store/record.h"

namespace wan::baseline {

inline constexpr int kSchema = 2;

// Over nights; `low` and `high` are the t interval of 95 % of their mean.
struct Figure {
  std::string name;  // clip_s, speedup, of timed steps loop_s and loop_speedup, or a score
  double value = 0, low = 0, high = 0;
  std::vector<double> nights = {};
  bool operator==(const Figure&) const = default;
};

struct Provenance {
  std::vector<std::string> run_ids = {};
  std::string commit = {}, build_id = {}, weights_hash = {}, driver = {};
  std::string date = {};    // of the last run, UTC
  std::string reason = {};  // why it was promoted; needed where a margin loosens
  bool operator==(const Provenance&) const = default;
};

struct Entry {
  std::string configuration;
  int n = 0;  // nights
  Provenance provenance = {};
  std::vector<Figure> figures = {};
  bool operator==(const Entry&) const = default;
};

// Paired differences between the quality baseline's clips and those of an equally valid run, prompt by prompt as losses.
struct FloorScore {
  std::string score;
  int prompts = 0;
  double mean = 0, standard_deviation = 0;  // in the unit of the loss
  double margin = 0;                        // frozen: min(1 % of |mean|, 0.3 deviations)
  bool operator==(const FloorScore&) const = default;
};

struct Floor {
  std::string configuration;  // bf16_twin
  Provenance provenance = {};
  std::vector<FloorScore> scores = {};
  std::vector<store::FloorDistance> distances = {};  // of the calibrated gate, prompt by prompt
  bool operator==(const Floor&) const = default;
};

struct Baseline {
  int schema = kSchema;
  std::string machine_class, plan_hash, tier, suite, model, shape;
  std::vector<Entry> entries = {};
  std::vector<Floor> floors = {};
  bool operator==(const Baseline&) const = default;
};

// The item whose member `key` is `name`; null if there is none.
template <typename T>
const T* find(const std::vector<T>& items, const std::string& name, std::string T::*key) {
  for (const T& item : items)
    if (item.*key == name) return &item;
  return nullptr;
}

// The name of the class's file without its ending: letters, digits and underscores.
std::string file_stem(const std::string& machine_class);

}  // namespace wan::baseline
