// The fields of a baseline file, each listed once.
#pragma once

#include "engine/base/either.h"
#include "harness/baseline/baseline.h"

namespace wan::baseline {

void visit_fields(Either<Figure> auto& value, auto&& visit) {
  visit("name", value.name);
  visit("value", value.value);
  visit("low", value.low);
  visit("high", value.high);
  visit("nights", value.nights);
}

void visit_fields(Either<Provenance> auto& value, auto&& visit) {
  visit("run_ids", value.run_ids);
  visit("commit", value.commit);
  visit("build_id", value.build_id);
  visit("weights_hash", value.weights_hash);
  visit("driver", value.driver);
  visit("date", value.date);
  visit("reason", value.reason);
}

void visit_fields(Either<Entry> auto& value, auto&& visit) {
  visit("configuration", value.configuration);
  visit("n", value.n);
  visit("provenance", value.provenance);
  visit("figures", value.figures);
}

void visit_fields(Either<FloorScore> auto& value, auto&& visit) {
  visit("score", value.score);
  visit("prompts", value.prompts);
  visit("mean", value.mean);
  visit("standard_deviation", value.standard_deviation);
  visit("margin", value.margin);
}

void visit_fields(Either<Floor> auto& value, auto&& visit) {
  visit("configuration", value.configuration);
  visit("provenance", value.provenance);
  visit("scores", value.scores);
  visit("distances", value.distances);
}

void visit_fields(Either<Baseline> auto& value, auto&& visit) {
  visit("schema", value.schema);
  visit("machine_class", value.machine_class);
  visit("plan_hash", value.plan_hash);
  visit("tier", value.tier);
  visit("suite", value.suite);
  visit("model", value.model);
  visit("shape", value.shape);
  visit("entries", value.entries);
  visit("floors", value.floors);
}

}  // namespace wan::baseline
