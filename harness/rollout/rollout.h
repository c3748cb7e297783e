// A rollout as plain values: what is rolled out, how far it has come, and the events that brought it there. The events are the truth
// (event_log.h); everything else follows from them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/plan/tier.h"

namespace wan::rollout {

inline constexpr int kSchema = 1;

// The roadmap's phases, in their order ("Gradual Rollout"). In the first three evidence is gathered; in production the flag is on.
enum class Phase { single_prompt, batch, stress, production };
const char* to_string(Phase phase);
Phase next(Phase phase);  // CheckError for the last

// What the run must hold that ends a phase: distinct prompts, each with so many seeds. `diverse`: all of the roadmap's six categories.
struct Requirement {
  std::size_t prompts = 0, seeds = 0;
  bool diverse = false;
  const char* suite = "";  // a shipped one that is large enough
};
Requirement requirement(Phase phase);  // CheckError for production, which no run ends
// The roadmap's test set has two prompts of each.
inline constexpr std::array<std::string_view, 6> kCategories{"simple_scenes",        "complex_motion",   "fine_details",
                                                             "challenging_lighting", "multiple_objects", "edge_cases"};

// What the evidence must be about. The last three are what the first evidence had; empty until then.
struct Subject {
  plan::Configuration configuration;
  std::string model;
  std::string weights_hash = {}, machine_class = {}, shape = {};
  bool operator==(const Subject&) const = default;
};

// A run that held, or that was failed or rejected.
struct Evidence {
  std::string run_id, seal, build_id;  // the seal of the whole run: which result it was
  std::string outcome;                 // a gate's word, or values_held: of a single prompt
  std::int64_t prompts = 0, seeds = 0;
  bool operator==(const Evidence&) const = default;
};

enum class EventKind { started, advanced, watched, rolled_back };
const char* to_string(EventKind kind);

struct Event {
  int schema = kSchema;
  std::int64_t sequence = 0;  // from 1, without a gap
  std::string at;             // UTC, ISO 8601
  EventKind kind = EventKind::started;
  std::string configuration;            // its id
  Phase phase = Phase::single_prompt;   // after the event; of a rollback the one that it ended
  std::string flags_file = {};          // of `started`: relative to the store's folder, or absolute
  std::string reason = {};              // a code and details: why it was rolled back, what a watch found
  std::optional<Subject> subject = {};  // of `started`, and of `advanced` with what its evidence fixed
  std::optional<Evidence> evidence = {};
  std::string seal = {};  // event_log.h
  bool operator==(const Event&) const = default;
};

struct Rollout {
  Subject subject;
  Phase phase = Phase::single_prompt;
  bool rolled_back = false;
  std::string started_at = {}, since = {};  // of this attempt; of the phase, or of the rollback
  std::string reason = {};                  // why it was rolled back
  std::vector<Evidence> evidence = {};      // one a phase that was passed
  std::optional<Event> last_watch = {};
  bool is_on() const { return phase == Phase::production && !rolled_back; }
};

struct State {
  std::int64_t sequence = 0;             // of the last event
  std::string seal = {};                 // of the last event
  std::string flags_file = {};           // one a store
  std::vector<Rollout> rollouts = {};    // the latest attempt of each configuration, in the order of their starts
  std::vector<std::string> served = {};  // configurations in production, in the order in which they came there

  const Rollout* find(const std::string& configuration) const;  // nullptr if there is none
};

// Why the event may not follow; empty if it may. The transitions:
//
//   (none), rolled back          -- started     --> single_prompt
//   single_prompt, batch, stress -- advanced    --> the next phase, with evidence
//   production                   -- watched     --> production
//   any but rolled back          -- rolled_back --> rolled back
std::string refusal(const State& state, const Event& event);

// UsageError if it is refused.
void apply(State& state, const Event& event);

}  // namespace wan::rollout
