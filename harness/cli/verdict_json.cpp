#include "harness/cli/verdict_json.h"

#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <vector>

#include "engine/base/error.h"
#include "engine/io/json.h"
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
  return fmt::format(R"({{"name":{},"outcome":"{}","reason":{}{}{}{}{}{},"n":{}}})", quote_json(criterion.name),
                     to_string(criterion.outcome), quote_json(criterion.reason), figure("value", criterion.value),
                     figure("bound", criterion.bound), figure("margin", criterion.margin), figure("low", criterion.low),
                     figure("high", criterion.high), criterion.n);
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

}  // namespace

std::string to_json(std::span<const gate::Verdict> verdicts) { return list(verdicts, write_verdict); }

std::string to_json(const store::RunRecord& run, std::span<const gate::Verdict> verdicts) {
  std::string text = store::to_json(run);  // may be long: the rest is put into it, not around a copy
  const auto end = text.find_last_of('}');
  WAN_CHECK(end != std::string::npos && end > 0, "a record is an object");
  text.erase(text.find_last_not_of(" \n", end - 1) + 1);
  text += ",\n \"verdicts\": " + to_json(verdicts) + "\n}\n";
  return text;
}

}  // namespace wan::cli
