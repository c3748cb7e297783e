// What came out, in words that need no knowledge of the gates.
#include <fmt/format.h>

#include <cmath>

#include "reports/format.h"
#include "reports/page.h"
#include "reports/section.h"
#include "reports/summary.h"

namespace wan::reports {
namespace {

// "SSIM 0.9107, wanted above 0.95". Which side is wanted follows from the margin's sign.
std::string criterion_words(const gate::Criterion& criterion) {
  std::string text = figure_label(criterion.name) + " " + format_figure(criterion.name, criterion.value);
  if (!criterion.bound || !criterion.margin || !criterion.value || *criterion.bound == 0) return text;
  const bool above = (*criterion.value > *criterion.bound) == (*criterion.margin > 0);
  return text + fmt::format(", wanted {} {}", above ? "above" : "below", format_figure(criterion.name, *criterion.bound));
}

std::string quality_words(const gate::GateResult& result, const std::string& name) {
  std::vector<std::string> missed;
  for (const auto& criterion : result.criteria)
    if (criterion.level == plan::Level::error &&
        (criterion.outcome == gate::Outcome::failed || criterion.outcome == gate::Outcome::rejected))
      missed.push_back(criterion_words(criterion));
  switch (result.outcome) {
    case gate::Outcome::held:
      return fmt::format("Quality: the {} gate held.", name);
    case gate::Outcome::failed:
    case gate::Outcome::rejected:
      return fmt::format("Quality: {} by the {} gate: {}.", outcome_word(result.outcome), name,
                         missed.empty() ? one_line(result.reason) : join(missed, "; "));
    default:
      return fmt::format("Quality: {} by the {} gate: {}.", outcome_word(result.outcome), name, one_line(result.reason));
  }
}

std::string other_gate_words(const ConfigurationSummary& summary) {
  const auto& verdict = *summary.verdict;
  const bool calibrated_decides = verdict.deciding_gate == "calibrated";
  const auto& other = calibrated_decides ? verdict.quality_roadmap : verdict.quality_calibrated;
  if (summary.psnr_db && std::isinf(*summary.psnr_db)) return "Its clips equal those of its baseline.";
  if (calibrated_decides) return fmt::format("The roadmap's own bounds: {}.", outcome_word(other.outcome));
  if (other.outcome == gate::Outcome::held) return "It lies no further from BF16 than another equally valid BF16 run does.";
  if (other.outcome == gate::Outcome::failed) return "It lies further from BF16 than another equally valid BF16 run does.";
  return fmt::format("Against BF16's own noise: {}.", outcome_word(other.outcome));
}

std::string speed_words(const ConfigurationSummary& summary) {
  if (summary.record->configuration.benefit != plan::Benefit::speed) return {};
  const auto& speed = summary.verdict->speed;
  if (speed.outcome == gate::Outcome::not_claimed) return "Speed: not claimed on this device.";
  if (speed.outcome == gate::Outcome::held) return fmt::format("Speed: {}, held.", summary.speed);
  return fmt::format("Speed: {}: {}.", outcome_word(speed.outcome), one_line(speed.reason));
}

std::string words(const ConfigurationSummary& summary) {
  const auto& verdict = *summary.verdict;
  std::string text = quality_words(deciding_gate(verdict), verdict.deciding_gate) + " " + other_gate_words(summary);
  if (const std::string speed = speed_words(summary); !speed.empty()) text += " " + speed;
  return text;
}

void render(const Dataset& data, Page& page) {
  const auto summaries = summarize(data);
  const auto run = summarize_run(data, summaries);
  Table grid{.caption = "What the gates found", .columns = {{"Configuration"}, {"Verdict"}, {"In words"}}};
  for (const auto& summary : summaries)
    if (summary.verdict && !summary.reference) grid.rows.push_back({{summary.id()}, {badge(summary.overall)}, {words(summary), "prompt"}});
  if (grid.rows.empty()) page.paragraph(run.sentence);
  if (!grid.rows.empty()) page.add(table(grid));
  for (const auto& note : run.notes) page.note(note);
}

}  // namespace

extern const Section verdict;
const Section verdict{.id = "verdict", .title = "Verdict", .order = 10, .render = render};

}  // namespace wan::reports
