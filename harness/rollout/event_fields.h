// The fields of an event, each listed once: writing and strict reading follow from these lists.
#pragma once

#include <array>

#include "engine/base/either.h"
#include "engine/io/json_codec.h"
#include "harness/rollout/rollout.h"

namespace wan::io {

template <>
struct Words<rollout::Phase> {
  static constexpr std::array kAll{rollout::Phase::single_prompt, rollout::Phase::batch, rollout::Phase::stress,
                                   rollout::Phase::production};
};
template <>
struct Words<rollout::EventKind> {
  static constexpr std::array kAll{rollout::EventKind::started, rollout::EventKind::advanced, rollout::EventKind::watched,
                                   rollout::EventKind::rolled_back};
};

}  // namespace wan::io

namespace wan::rollout {

void visit_fields(Either<Subject> auto& value, auto&& visit) {
  visit("configuration", value.configuration);
  visit("model", value.model);
  visit("weights_hash", value.weights_hash);
  visit("machine_class", value.machine_class);
  visit("shape", value.shape);
}

void visit_fields(Either<Evidence> auto& value, auto&& visit) {
  visit("run_id", value.run_id);
  visit("seal", value.seal);
  visit("build_id", value.build_id);
  visit("outcome", value.outcome);
  visit("prompts", value.prompts);
  visit("seeds", value.seeds);
}

void visit_fields(Either<Event> auto& value, auto&& visit) {
  visit("schema", value.schema);
  visit("sequence", value.sequence);
  visit("at", value.at);
  visit("event", value.kind);
  visit("configuration", value.configuration);
  visit("phase", value.phase);
  visit("flags_file", value.flags_file);
  visit("reason", value.reason);
  visit("subject", value.subject);
  visit("evidence", value.evidence);
  visit("seal", value.seal);
}

}  // namespace wan::rollout
