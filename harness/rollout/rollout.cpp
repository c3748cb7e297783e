#include "harness/rollout/rollout.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/error.h"

namespace wan::rollout {
namespace {

std::string no_rollout(const Event& event) {
  return fmt::format("{}: there is no rollout of it; `wan-eval rollout start --config {}` begins one", event.configuration,
                     event.configuration);
}

std::string refuse_start(const Rollout* rollout, const Event& event, const State& state) {
  if (rollout && !rollout->rolled_back)
    return fmt::format("{}: its rollout is under way, in phase {} since {}; `wan-eval rollout rollback` ends it", event.configuration,
                       to_string(rollout->phase), rollout->since);
  if (!event.subject || event.subject->configuration.id != event.configuration)
    return fmt::format("{}: a start says what is rolled out", event.configuration);
  if (event.phase != Phase::single_prompt) return fmt::format("{}: a rollout starts in its first phase", event.configuration);
  if (event.flags_file.empty()) return fmt::format("{}: a start names the file of flags", event.configuration);
  if (!state.flags_file.empty() && state.flags_file != event.flags_file)
    return fmt::format("{}: the flags of this store are in {}; a second file would be left behind by a rollback", event.flags_file,
                       state.flags_file);
  return {};
}

std::string refuse_advance(const Rollout& rollout, const Event& event) {
  if (rollout.phase == Phase::production)
    return fmt::format("{}: it is in production, which no phase follows; `wan-eval rollout watch` compares what it makes there",
                       event.configuration);
  if (event.phase != next(rollout.phase))
    return fmt::format("{}: {} does not follow {}", event.configuration, to_string(event.phase), to_string(rollout.phase));
  if (!event.evidence || !event.subject) return fmt::format("{}: no phase ends without evidence", event.configuration);
  return {};
}

// Why an event that is no start may not follow.
std::string refuse_step(const Rollout& rollout, const Event& event) {
  if (rollout.rolled_back)
    return fmt::format("{}: it was rolled back on {} ({}); `wan-eval rollout start --config {}` begins anew", event.configuration,
                       rollout.since, rollout.reason, event.configuration);
  if (event.kind == EventKind::advanced) return refuse_advance(rollout, event);
  if (event.phase != rollout.phase)
    return fmt::format("{}: it is in phase {}, not in {}", event.configuration, to_string(rollout.phase), to_string(event.phase));
  if (event.kind == EventKind::watched && rollout.phase != Phase::production)
    return fmt::format("{}: it is in phase {}; only production is watched", event.configuration, to_string(rollout.phase));
  if (event.kind == EventKind::rolled_back && event.reason.empty()) return fmt::format("{}: a rollback says why", event.configuration);
  return {};
}

Rollout& rollout_of(State& state, const std::string& configuration) {
  const Rollout* found = state.find(configuration);
  WAN_CHECK(found, "no rollout of {}", configuration);
  return state.rollouts[static_cast<std::size_t>(found - state.rollouts.data())];
}

}  // namespace

const char* to_string(Phase phase) {
  switch (phase) {
    case Phase::single_prompt:
      return "single_prompt";
    case Phase::batch:
      return "batch";
    case Phase::stress:
      return "stress";
    case Phase::production:
      return "production";
  }
  return "?";
}

const char* to_string(EventKind kind) {
  switch (kind) {
    case EventKind::started:
      return "started";
    case EventKind::advanced:
      return "advanced";
    case EventKind::watched:
      return "watched";
    case EventKind::rolled_back:
      return "rolled_back";
  }
  return "?";
}

Phase next(Phase phase) {
  WAN_CHECK(phase != Phase::production, "no phase follows production");
  return static_cast<Phase>(static_cast<int>(phase) + 1);
}

Requirement requirement(Phase phase) {
  switch (phase) {
    case Phase::single_prompt:
      return {.prompts = 1, .seeds = 1, .suite = "smoke"};
    case Phase::batch:
      return {.prompts = 10, .seeds = 3, .diverse = true, .suite = "roadmap12"};
    case Phase::stress:
      return {.prompts = 100, .seeds = 5, .diverse = true, .suite = "stress100"};
    case Phase::production:
      break;
  }
  WAN_CHECK(false, "no run ends production");
  return {};
}

const Rollout* State::find(const std::string& configuration) const {
  const auto found = std::find_if(rollouts.begin(), rollouts.end(),
                                  [&](const Rollout& rollout) { return rollout.subject.configuration.id == configuration; });
  return found == rollouts.end() ? nullptr : &*found;
}

std::string refusal(const State& state, const Event& event) {
  if (event.sequence != state.sequence + 1)
    return fmt::format("event {} follows event {}: one between them is missing or stands twice", event.sequence, state.sequence);
  const Rollout* rollout = state.find(event.configuration);
  if (event.kind == EventKind::started) return refuse_start(rollout, event, state);
  return rollout ? refuse_step(*rollout, event) : no_rollout(event);
}

void apply(State& state, const Event& event) {
  if (const std::string fault = refusal(state, event); !fault.empty()) throw UsageError(fault);
  if (event.kind == EventKind::started) {
    std::erase_if(state.rollouts, [&](const Rollout& earlier) { return earlier.subject.configuration.id == event.configuration; });
    state.rollouts.push_back({.subject = *event.subject, .started_at = event.at, .since = event.at});
    state.flags_file = event.flags_file;
  }
  Rollout& rollout = rollout_of(state, event.configuration);
  if (event.kind == EventKind::advanced) {
    rollout.subject = *event.subject;
    rollout.phase = event.phase;
    rollout.since = event.at;
    rollout.evidence.push_back(*event.evidence);
    if (rollout.is_on()) state.served.push_back(event.configuration);
  } else if (event.kind == EventKind::watched) {
    rollout.last_watch = event;
  } else if (event.kind == EventKind::rolled_back) {
    rollout.rolled_back = true;
    rollout.since = event.at;
    rollout.reason = event.reason;
    std::erase(state.served, event.configuration);
  }
  state.sequence = event.sequence;
  state.seal = event.seal;
}

}  // namespace wan::rollout
