#include <fmt/format.h>

#include <vector>

#include "reports/format.h"
#include "reports/markup.h"
#include "reports/render.h"
#include "reports/summary.h"

namespace wan::reports {
namespace {

enum class CaseStatus { passed, failure, error, skipped };

struct Counts {
  std::size_t tests = 0, failures = 0, errors = 0, skipped = 0;
};

struct GateCase {
  std::string name;
  const gate::GateResult& result;
  bool decides = false;
};

CaseStatus status_of(const GateCase& gate) {
  switch (gate.result.outcome) {
    case gate::Outcome::held:
      return CaseStatus::passed;
    case gate::Outcome::failed:
    case gate::Outcome::rejected:
      return gate.decides ? CaseStatus::failure : CaseStatus::skipped;
    case gate::Outcome::invalid:
      return gate.decides ? CaseStatus::error : CaseStatus::skipped;
    default:
      return CaseStatus::skipped;
  }
}

std::string message_of(const GateCase& gate) {
  std::string text = outcome_word(gate.result.outcome);
  if (!gate.result.reason.empty()) text += ": " + one_line(gate.result.reason);
  if (!gate.decides) text += " (this gate does not decide)";
  return text;
}

std::string criteria_text(const gate::GateResult& result) {
  std::string text;
  for (const auto& criterion : result.criteria)
    text += fmt::format("{}: {}{}, value {}, bound {}, margin {}, n {}, {}\n", criterion.name, outcome_word(criterion.outcome),
                        criterion.level == plan::Level::error ? "" : fmt::format(" (level {})", to_string(criterion.level)),
                        format_figure(criterion.name, criterion.value), format_figure(criterion.name, criterion.bound),
                        format_figure(criterion.name, criterion.margin), criterion.n, criterion.reason);
  return text;
}

Markup status_element(const GateCase& gate, CaseStatus status) {
  const Attributes message{{"message", message_of(gate)}};
  const Attributes typed{{"message", message_of(gate)}, {"type", outcome_id(gate.result.outcome)}};
  switch (status) {
    case CaseStatus::failure:
      return element("failure", typed, criteria_text(gate.result));
    case CaseStatus::error:
      return element("error", typed, criteria_text(gate.result));
    case CaseStatus::skipped:
      return element("skipped", message, {});
    case CaseStatus::passed:
      return {};
  }
  return {};
}

double elapsed_of(const store::ConfigurationRecord& record) {
  double elapsed_s = record.load_s;
  for (const auto& cell : record.cells) elapsed_s += cell.elapsed_s;
  return elapsed_s;
}

void count(Counts& counts, CaseStatus status) {
  ++counts.tests;
  if (status == CaseStatus::failure) ++counts.failures;
  if (status == CaseStatus::error) ++counts.errors;
  if (status == CaseStatus::skipped) ++counts.skipped;
}

gate::GateResult people_result(const Dataset& data, const std::string& configuration) {
  if (data.people)
    for (const auto& verdict : data.people->verdicts)
      if (verdict.configuration == configuration) return {.outcome = verdict.outcome, .reason = verdict.reason};
  return {};
}

Markup gate_cases(const Dataset& data, const ConfigurationSummary& summary, Counts& counts) {
  const auto& verdict = *summary.verdict;
  const bool calibrated_decides = verdict.deciding_gate == "calibrated";
  std::vector<GateCase> gates{{"speed", verdict.speed, true},
                              {"quality, roadmap gate", verdict.quality_roadmap, !calibrated_decides},
                              {"quality, calibrated gate", verdict.quality_calibrated, calibrated_decides}};
  const gate::GateResult people = people_result(data, summary.id());
  if (people.outcome != gate::Outcome::not_measured) gates.push_back({"people, blind trials", people, true});
  const std::string suite = data.run.suite_id.empty() ? "wan-eval" : data.run.suite_id;
  Markup cases;
  for (const auto& gate : gates) {
    const CaseStatus status = status_of(gate);
    count(counts, status);
    // The configuration's time stands on its first case alone, so that the cases add up to the suite.
    const double elapsed_s = &gate == &gates.front() ? elapsed_of(*summary.record) : 0;
    Markup content = status_element(gate, status);
    if (status == CaseStatus::passed) content = element("system-out", criteria_text(gate.result));
    cases += element("testcase",
                     {{"classname", fmt::format("{}.tier{}.{}", suite, data.run.tier_id, summary.id())},
                      {"name", gate.name},
                      {"time", format_number(elapsed_s, 3)}},
                     content) +
             Markup::trusted("\n");
  }
  return cases;
}

// A configuration without a verdict is an error of its own: nothing may look passed because nobody judged it.
Markup unjudged_case(const Dataset& data, const ConfigurationSummary& summary, Counts& counts) {
  count(counts, CaseStatus::error);
  const std::string suite = data.run.suite_id.empty() ? "wan-eval" : data.run.suite_id;
  return element(
             "testcase",
             {{"classname", fmt::format("{}.tier{}.{}", suite, data.run.tier_id, summary.id())}, {"name", "verdict"}, {"time", "0.000"}},
             element("error", {{"message", summary.reason}, {"type", "invalid"}}, {})) +
         Markup::trusted("\n");
}

Markup properties(const store::RunRecord& run) {
  const auto& environment = run.environment;
  const std::vector<std::pair<std::string, std::string>> known{{"run", run.run_id},
                                                               {"command", run.command},
                                                               {"model", run.model},
                                                               {"weights_hash", run.weights_hash},
                                                               {"build", environment.build_id},
                                                               {"revision", environment.git_revision},
                                                               {"libtorch", environment.libtorch},
                                                               {"device", environment.device},
                                                               {"device_name", environment.device_name},
                                                               {"driver", environment.driver}};
  Markup list;
  for (const auto& [name, value] : known)
    if (!value.empty()) list += empty_element("property", {{"name", name}, {"value", value}}) + Markup::trusted("\n");
  return element("properties", Markup::trusted("\n") + list);
}

}  // namespace

std::string render_junit(const Dataset& data) {
  Counts counts;
  Markup cases;
  for (const auto& summary : summarize(data)) {
    if (summary.reference) continue;
    cases += summary.verdict ? gate_cases(data, summary, counts) : unjudged_case(data, summary, counts);
  }
  Attributes totals{{"tests", std::to_string(counts.tests)},
                    {"failures", std::to_string(counts.failures)},
                    {"errors", std::to_string(counts.errors)},
                    {"time", format_number(data.run.elapsed_s, 3)}};
  Attributes suite{{"name", "wan-eval.tier" + data.run.tier_id}};
  suite.insert(suite.end(), totals.begin(), totals.end());
  suite.emplace_back("skipped", std::to_string(counts.skipped));
  // The schema allows neither zone nor fraction.
  if (data.run.environment.started_at.size() >= 19) suite.emplace_back("timestamp", data.run.environment.started_at.substr(0, 19));
  Attributes all{{"name", "wan-eval"}};
  all.insert(all.end(), totals.begin(), totals.end());
  const Markup newline = Markup::trusted("\n");
  const Markup body = newline + properties(data.run) + newline + cases;
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" +
         element("testsuites", all, newline + element("testsuite", suite, body) + newline).str() + "\n";
}

}  // namespace wan::reports
