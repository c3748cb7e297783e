#include "harness/cli/comparison_text.h"

#include <fmt/format.h>

#include <cmath>

#include "harness/cli/json_object.h"
#include "harness/cli/text_table.h"
#include "reports/format.h"

namespace wan::cli {
namespace {

using gate::ScoreComparison;

constexpr const char* kTimesNote =
    "Times of two runs are not interleaved: whatever drifted between them stands in their difference, so they carry no verdict. To judge "
    "speed, run both configurations in one run.";

std::string signed_number(double value) { return fmt::format("{:+.4g}", value + 0.0); }

// A worsening in words that need no logarithm: relative on the scale `log`, else decibels.
std::string worsening_text(const ScoreComparison& score, double value) {
  if (score.scale == measure::LossScale::log) return fmt::format("×{:.4g}", std::exp(value));
  return signed_number(value) + " dB";
}

std::string interval_text(const ScoreComparison& score) {
  if (!score.interval) return "one prompt has no interval";
  return fmt::format("[{}, {}]", worsening_text(score, score.interval->low), worsening_text(score, score.interval->high));
}

std::string change_text(gate::Change change) {
  switch (change) {
    case gate::Change::better:
      return "B better";
    case gate::Change::worse:
      return "B worse";
    case gate::Change::none_shown:
      return "no difference shown";
    case gate::Change::too_few:
      return "too few prompts";
  }
  return "";
}

std::string seconds(const std::optional<double>& value_s, std::size_t visits) {
  return value_s ? fmt::format("{} (n = {})", reports::format_duration(*value_s), visits) : "–";
}

std::string verdict_text(const gate::ConfigurationComparison& compared, gate::Outcome outcome) {
  return compared.judged ? reports::outcome_word(outcome) : "reference";
}

std::string differences_text(const gate::RunComparison& comparison) {
  if (comparison.differences.empty()) return "Nothing else changed: same build, weights, plan and machine class.\n";
  TextTable table{.columns = {{"changed"}, {"A"}, {"B"}}};
  for (const auto& difference : comparison.differences) table.rows.push_back({difference.what, difference.first, difference.second});
  return render(table);
}

std::string only_text(const char* name, const std::vector<std::string>& ids) {
  return ids.empty() ? "" : fmt::format("Only in {}: {}\n", name, fmt::join(ids, ", "));
}

}  // namespace

std::string comparison_text(const gate::RunComparison& comparison, const store::RunRecord& first, const store::RunRecord& second) {
  TextTable verdicts{
      .columns = {
          {"configuration"}, {"verdict A"}, {"verdict B"}, {"identical clips", true}, {"clip time A", true}, {"clip time B", true}}};
  TextTable scores{
      .columns = {
          {"configuration"}, {"score"}, {"A", true}, {"B", true}, {"B is worse by", true}, {"interval of 95 %"}, {"n", true}, {""}}};
  std::string notes;
  for (const auto& compared : comparison.configurations) {
    verdicts.rows.push_back({compared.id + (compared.same_optimizations ? "" : " *"), verdict_text(compared, compared.first),
                             verdict_text(compared, compared.second), fmt::format("{} of {}", compared.identical_clips, compared.clips),
                             seconds(compared.times.first_s, compared.times.first_visits),
                             seconds(compared.times.second_s, compared.times.second_visits)});
    if (!compared.same_optimizations) notes += fmt::format("* {}: another list of optimisations in each run\n", compared.id);
    for (const auto& why : compared.skipped) notes += fmt::format("{}: not compared: {}\n", compared.id, why);
    for (const auto& score : compared.scores)
      scores.rows.push_back({compared.id, score.score, reports::format_figure(score.score, score.first),
                             reports::format_figure(score.score, score.second), worsening_text(score, score.worsening),
                             interval_text(score), fmt::format("{}", score.prompts), change_text(score.change)});
  }
  std::string text = fmt::format("A  {}\nB  {}\n\n{}\n{}", first.run_id, second.run_id, differences_text(comparison), render(verdicts));
  text += only_text("A", comparison.only_first) + only_text("B", comparison.only_second) + notes;
  if (!scores.rows.empty())
    text +=
        "\n" + render(scores) +
        "Paired prompt by prompt, n prompts; PSNR and SSIM as decibels, LPIPS and MSE as a factor. An interval is no verdict: it has no "
        "margin.\n";
  return text + "\n" + kTimesNote + "\n";
}

std::string comparison_json(const gate::RunComparison& comparison, const store::RunRecord& first, const store::RunRecord& second) {
  const auto write_score = [](const ScoreComparison& score) {
    JsonObject json;
    json.text("score", score.score).count("clips", score.clips).count("prompts", score.prompts);
    json.number("first", score.first).number("second", score.second);
    json.text("unit", score.scale == measure::LossScale::log ? "ln" : "dB").number("worsening", score.worsening);
    if (score.interval) json.number("low", score.interval->low).number("high", score.interval->high).number("level", score.interval->level);
    return json.text("change", to_string(score.change)).str();
  };
  const auto write_configuration = [&](const gate::ConfigurationComparison& compared) {
    JsonObject times;
    times.number("first_s", compared.times.first_s).count("first_visits", compared.times.first_visits);
    times.number("second_s", compared.times.second_s).count("second_visits", compared.times.second_visits);
    times.text("verdict", "none").text("reason", "not_interleaved");
    JsonObject json;
    json.text("configuration", compared.id).flag("judged", compared.judged);
    json.text("first", to_string(compared.first)).text("second", to_string(compared.second));
    json.flag("same_optimizations", compared.same_optimizations);
    json.count("clips", compared.clips).count("identical_clips", compared.identical_clips);
    json.raw("scores", json_list_of(compared.scores, write_score)).texts("skipped", compared.skipped).raw("times", times.str());
    return json.str();
  };
  const auto write_difference = [](const gate::Difference& difference) {
    return JsonObject().text("what", difference.what).text("first", difference.first).text("second", difference.second).str();
  };
  JsonObject json;
  json.raw("schema", "1").text("first", first.run_id).text("second", second.run_id);
  json.raw("differences", json_list_of(comparison.differences, write_difference));
  json.raw("configurations", json_list_of(comparison.configurations, write_configuration));
  return json.texts("only_first", comparison.only_first).texts("only_second", comparison.only_second).str() + "\n";
}

}  // namespace wan::cli
