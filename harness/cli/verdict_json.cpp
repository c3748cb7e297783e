#include "harness/cli/verdict_json.h"

#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <vector>

#include "engine/base/error.h"
#include "engine/io/json.h"
#include "harness/cli/json_object.h"
#include "harness/store/record_json.h"

namespace wan::cli {
namespace {

using io::quote_json;

std::string figure(const char* key, const std::optional<double>& value) {
  if (!value) return {};
  if (std::isfinite(*value)) return fmt::format(R"(,"{}":{:.17g})", key, *value);
  return fmt::format(R"(,"{}":"{}")", key, std::isnan(*value) ? "nan" : *value > 0 ? "inf" : "-inf");
}

template <typename Items, typename Write>
std::string list(const Items& items, Write write) {
  std::vector<std::string> texts;
  for (const auto& item : items) texts.push_back(write(item));
  return fmt::format("[{}]", fmt::join(texts, ","));
}

std::string write_criterion(const gate::Criterion& criterion) {
  const bool decides = criterion.level == plan::Level::error;
  return fmt::format(R"({{"name":{},"outcome":"{}","reason":{}{}{}{}{}{},"n":{}{}}})", quote_json(criterion.name),
                     to_string(criterion.outcome), quote_json(criterion.reason), figure("value", criterion.value),
                     figure("bound", criterion.bound), figure("margin", criterion.margin), figure("low", criterion.low),
                     figure("high", criterion.high), criterion.n,
                     decides ? "" : fmt::format(R"(,"level":"{}")", to_string(criterion.level)));
}

std::string write_gate(const gate::GateResult& gate) {
  return fmt::format(R"({{"outcome":"{}","reason":{},"criteria":{}}})", to_string(gate.outcome), quote_json(gate.reason),
                     list(gate.criteria, write_criterion));
}

std::string write_verdict(const gate::Verdict& verdict) {
  return fmt::format(
      R"({{"configuration":{},"judged":{},"overall":"{}","deciding_gate":"{}","speed":{},"quality_roadmap":{},"quality_calibrated":{}}})",
      quote_json(verdict.configuration), verdict.judged, to_string(verdict.overall), verdict.deciding_gate, write_gate(verdict.speed),
      write_gate(verdict.quality_roadmap), write_gate(verdict.quality_calibrated));
}

std::string write_claim(const gate::ClaimEvidence& evidence) {
  const plan::Claim& claim = evidence.claim;
  JsonObject json;
  json.text("id", claim.id).text("configuration", plan::subject_of(claim)).text("text", claim.text).text("source", claim.source);
  json.text("figure", claim.figure).text("unit", claim.unit).text("part", claim.part);
  json.number("claimed_low", claim.low).number("claimed_high", claim.high).number("limit", claim.limit);
  if (claim.limit) json.text("limit_why", claim.limit_why).flag("beyond_limit", plan::is_beyond_limit(claim));
  json.flag("in_run", evidence.in_run).raw("measured", write_criterion(evidence.measured));
  return json.str();
}

std::string write_cost(const gate::ClipCost& cost) {
  JsonObject json;
  json.text("configuration", cost.configuration).number("gpu_s", cost.gpu_s).count("visits", cost.visits).number("money", cost.money);
  if (!cost.baseline.empty()) json.text("baseline", cost.baseline);
  json.number("saved_money", cost.saved_money);
  if (cost.saved_interval) json.number("saved_low", cost.saved_interval->low).number("saved_high", cost.saved_interval->high);
  json.number("break_even_clips", cost.break_even).number("break_even_low", cost.break_even_low);
  json.number("break_even_high", cost.break_even_high);
  if (!cost.reason.empty()) json.text("reason", cost.reason);
  return json.str();
}

std::string write_human(const gate::HumanVerdict& verdict) {
  JsonObject json;
  json.text("configuration", verdict.configuration).text("baseline", verdict.baseline).text("outcome", to_string(verdict.outcome));
  json.text("reason", verdict.reason).count("wins", verdict.wins).count("losses", verdict.losses).count("ties", verdict.ties);
  json.number("share", verdict.share);
  if (verdict.interval) json.number("low", verdict.interval->low).number("high", verdict.interval->high);
  json.number("p", verdict.p).count("repeats", verdict.consistency.repeats).count("repeats_same", verdict.consistency.same);
  return json.str();
}

std::string write_people(const gate::HumanAb& people) {
  JsonObject json;
  json.text("outcome", to_string(gate::overall(people))).number("margin", people.margin).count("sheets", people.sheets);
  json.texts("raters", people.raters).count("answered", people.answered).count("unanswered", people.unanswered);
  json.number("median_answer_s", people.median_answer_s);
  json.count("repeats", people.consistency.repeats).count("repeats_same", people.consistency.same);
  json.raw("configurations", list(people.verdicts, write_human));
  return json.str();
}

}  // namespace

std::string to_json(std::span<const gate::Verdict> verdicts) { return list(verdicts, write_verdict); }

std::string to_json(const gate::GateResult& gate) { return write_gate(gate); }

std::string to_json(const store::RunRecord& run, std::span<const gate::Verdict> verdicts, std::span<const gate::ClaimEvidence> claims,
                    std::span<const gate::ClipCost> costs, const gate::HumanAb* people) {
  std::string text = store::to_json(run);  // may be long: the rest is put into it, not around a copy
  const auto end = text.find_last_of('}');
  WAN_CHECK(end != std::string::npos && end > 0, "a record is an object");
  text.erase(text.find_last_not_of(" \n", end - 1) + 1);
  text += ",\n \"verdicts\": " + to_json(verdicts);
  if (!claims.empty()) text += ",\n \"claims\": " + list(claims, write_claim);
  if (!costs.empty()) text += ",\n \"costs\": " + list(costs, write_cost);
  if (people) text += ",\n \"human_ab\": " + write_people(*people);
  return text + "\n}\n";
}

}  // namespace wan::cli
