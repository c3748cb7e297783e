// The roadmap's success criteria and the configurations' own claims: what this run says of each, and what it did not measure.
#include <fmt/format.h>

#include <algorithm>

#include "harness/gate/claim_evidence.h"
#include "harness/gate/suite_scores.h"
#include "reports/format.h"
#include "reports/page.h"
#include "reports/section.h"
#include "reports/summary.h"

namespace wan::reports {
namespace {

using gate::Outcome;

constexpr std::size_t kStabilityPrompts = 100;  // the roadmap asks for this many
constexpr std::int64_t kMemoryGoal = 50'000'000'000;
constexpr double kSsimGoal = 0.95;
constexpr double kSpeedGoal = 2, kSpeedBonus = 3, kStepGoal_s = 1;

struct Claim {
  std::string kind, claim;
  Outcome outcome = Outcome::not_measured;
  std::string words;
};

std::vector<ConfigurationSummary> candidates(const Dataset& data) {
  std::vector<ConfigurationSummary> judged;
  for (auto& summary : summarize(data))
    if (summary.verdict && !summary.reference) judged.push_back(std::move(summary));
  return judged;
}

Claim quality(const std::vector<ConfigurationSummary>& judged) {
  std::vector<std::string> above;
  std::size_t scored = 0;
  for (const auto& summary : judged) {
    if (!summary.ssim) continue;
    ++scored;
    if (*summary.ssim > kSsimGoal) above.push_back(summary.id());
  }
  Claim claim{"required", "SSIM > 0.95 against the baseline", Outcome::not_measured, "no configuration has an SSIM"};
  if (scored == 0) return claim;
  claim.outcome = above.size() == scored ? Outcome::held : Outcome::failed;
  claim.words = above.empty() ? fmt::format("none of {}", count_of(scored, "configuration"))
                              : fmt::format("{} of {}: {}", above.size(), scored, join(above, ", "));
  return claim;
}

Claim stability(const store::RunRecord& run) {
  std::size_t done = 0, broken = 0;
  for (const auto& record : run.configurations) {
    for (const auto& cell : record.cells) {
      if (cell.status == store::CellStatus::done) ++done;
      if (cell.status == store::CellStatus::failed || cell.nonfinite > 0) ++broken;
    }
  }
  Claim claim{"required", "no crash and no NaN over 100 prompts", Outcome::not_measured, "nothing was run"};
  if (done + broken == 0) return claim;
  claim.words = fmt::format("{} over {} in all configurations, {} crashed or not finite", count_of(done, "clip"),
                            count_of(run.prompts.size(), "prompt"), broken);
  if (broken > 0) {
    claim.outcome = Outcome::failed;
  } else if (run.prompts.size() >= kStabilityPrompts) {
    claim.outcome = Outcome::held;
  } else {
    claim.words += fmt::format("; the roadmap asks for {} prompts", kStabilityPrompts);
  }
  return claim;
}

std::optional<double> measured_speedup(const ConfigurationSummary& summary) {
  const auto& speed = summary.verdict->speed;
  if (speed.outcome == Outcome::not_claimed || speed.outcome == Outcome::not_measured || speed.outcome == Outcome::invalid)
    return std::nullopt;
  for (const auto& criterion : speed.criteria)
    if (criterion.name == "speedup") return criterion.value;
  return std::nullopt;
}

Claim speed(const std::vector<ConfigurationSummary>& judged, const std::string& kind, double goal) {
  Claim claim{kind, fmt::format("more than {} times faster than phase0", goal), Outcome::not_measured,
              "no speed-up was judged in this run"};
  const ConfigurationSummary* fastest = nullptr;
  for (const auto& summary : judged)
    if (measured_speedup(summary) && (!fastest || *measured_speedup(summary) > *measured_speedup(*fastest))) fastest = &summary;
  if (!fastest) return claim;
  claim.outcome = *measured_speedup(*fastest) > goal ? Outcome::held : Outcome::failed;
  claim.words = fmt::format("the fastest is {} at {}", fastest->id(), format_ratio(*measured_speedup(*fastest)));
  return claim;
}

// Goals that are stated for the big model on a GPU: on another device or model their figures would mean nothing.
std::vector<Claim> gpu_goals(const store::RunRecord& run) {
  Claim memory{"bonus", "less than 50 GB of memory", Outcome::not_measured, "stated for the 14B model on a CUDA device"};
  Claim step{"bonus", "less than one second a step", Outcome::not_measured, "stated for the 14B model on a CUDA device"};
  if (!run.environment.device.starts_with("cuda") || run.model_task != "t2v-A14B" || run.model == "wan-tiny") return {memory, step};
  std::int64_t peak = 0;
  double slowest_s = 0;
  for (const auto& record : run.configurations) {
    for (const auto& cell : record.cells) {
      peak = std::max(peak, cell.peak_bytes);
      if (cell.timed)
        for (const double step_s : cell.stages.step_s) slowest_s = std::max(slowest_s, step_s);
    }
  }
  if (peak > 0)
    memory = {memory.kind, memory.claim, peak < kMemoryGoal ? Outcome::held : Outcome::failed, "highest peak " + format_bytes(peak)};
  if (slowest_s > 0)
    step = {step.kind, step.claim, slowest_s < kStepGoal_s ? Outcome::held : Outcome::failed, "slowest step " + format_duration(slowest_s)};
  return {memory, step};
}

Markup roadmap_table(const std::vector<Claim>& claims) {
  Table grid{.caption = "The roadmap's success criteria as this run sees them",
             .columns = {{"Criterion"}, {"Kind"}, {"Status"}, {"Evidence"}}};
  for (const auto& claim : claims) grid.rows.push_back({{claim.claim}, {claim.kind}, {badge(claim.outcome)}, {claim.words, "why"}});
  return table(grid);
}

std::string claim_text(const plan::Configuration& configuration) {
  const bool by_speed = configuration.benefit == plan::Benefit::speed;
  const auto bound = configuration.claim ? configuration.claim : by_speed ? configuration.thresholds.min_speedup : std::nullopt;
  if (!bound) return "no bound stated";
  if (configuration.benefit == plan::Benefit::memory) return fmt::format("at most {} of the weights' bytes", format_share(*bound));
  return fmt::format("at least {} {}", format_ratio(*bound), by_speed ? "as fast" : "the throughput");
}

std::string evidence_text(const Dataset& data, const ConfigurationSummary& summary) {
  const auto& configuration = summary.record->configuration;
  if (configuration.benefit == plan::Benefit::speed) return one_line(summary.verdict->speed.reason);
  if (configuration.benefit == plan::Benefit::throughput) return "this version measures no throughput";
  const auto* baseline = gate::find_configuration(data.run, configuration.quality_baseline);
  if (!baseline || baseline->weight_bytes == 0 || summary.record->weight_bytes == 0) return "the bytes of the weights were not recorded";
  const double share = static_cast<double>(summary.record->weight_bytes) / static_cast<double>(baseline->weight_bytes);
  return fmt::format("{} of {}'s; shown, not judged by this version", format_share(share), configuration.quality_baseline);
}

Markup own_claims(const Dataset& data, const std::vector<ConfigurationSummary>& judged) {
  Table grid{.caption = "What the configurations themselves claim",
             .columns = {{"Configuration"}, {"Benefit"}, {"Claim"}, {"Status"}, {"Evidence"}}};
  for (const auto& summary : judged) {
    const auto& configuration = summary.record->configuration;
    if (configuration.benefit == plan::Benefit::none) continue;
    const bool by_speed = configuration.benefit == plan::Benefit::speed;
    grid.rows.push_back({{summary.id()},
                         {plan::to_string(configuration.benefit)},
                         {claim_text(configuration)},
                         {badge(by_speed ? summary.verdict->speed.outcome : Outcome::not_measured)},
                         {evidence_text(data, summary), "why"}});
  }
  return grid.rows.empty() ? Markup{} : table(grid);
}

std::string number_of(const plan::Claim& claim, double value) {
  const auto& figure = plan::figure_of(claim);
  if (figure.unit == "ratio") return format_ratio(value);
  if (figure.unit == "share") return format_share(value);
  if (claim.figure == "ssim") return format_score(value);
  if (claim.figure == "break_even_clips") return format_number(value, 0) + " clips";
  return format_significant(value, 3) + " " + std::string(figure.unit);
}

std::string range_text(const plan::Claim& claim) {
  if (claim.low && claim.high) return fmt::format("{} to {}", number_of(claim, *claim.low), number_of(claim, *claim.high));
  return claim.low ? "at least " + number_of(claim, *claim.low) : "at most " + number_of(claim, *claim.high);
}

std::string measured_text(const gate::ClaimEvidence& evidence) {
  const auto& measured = evidence.measured;
  if (!measured.value) return "–";
  const std::string value = number_of(evidence.claim, *measured.value);
  if (!measured.low || !measured.high || *measured.low == *measured.high) return value;
  return fmt::format("{} [{}, {}]", value, number_of(evidence.claim, *measured.low), number_of(evidence.claim, *measured.high));
}

std::string limit_note(const plan::Claim& claim) {
  if (!claim.limit) return {};
  return fmt::format("{}: {}", plan::is_beyond_limit(claim) ? "Claimed beyond the limit" : "Limit", claim.limit_why);
}

Table promises_table(const std::string& caption) {
  return {.caption = caption,
          .columns = {{"Configuration"},
                      {"The roadmap says"},
                      {"Claimed", true},
                      {"Measured", true, "with its interval of 95 %"},
                      {"Limit", true, "what arithmetic allows at most, where known"},
                      {"Status"},
                      {"Evidence"}}};
}

void add_promise(Table& grid, const gate::ClaimEvidence& evidence) {
  const plan::Claim& claim = evidence.claim;
  grid.rows.push_back({{plan::subject_of(claim)},
                       {fmt::format("{} ({})", claim.text, claim.source)},
                       {range_text(claim)},
                       {measured_text(evidence)},
                       {claim.limit ? number_of(claim, *claim.limit) : "–", plan::is_beyond_limit(claim) ? "worst" : ""},
                       {badge(evidence.measured.outcome)},
                       {one_line(evidence.measured.reason), "why"}});
  grid.below.push_back(limit_note(claim));
}

// What the roadmap promises: of this run's configurations in the open, of all others folded away.
Markup promises(const Dataset& data) {
  Table here = promises_table("What the roadmap promises of the configurations of this run");
  Table elsewhere = promises_table("What the roadmap promises of other configurations");
  for (const auto& evidence : gate::weigh_claims(data.run, data.verdicts, data.claims))
    add_promise(evidence.in_run ? here : elsewhere, evidence);
  Markup all;
  if (!here.rows.empty()) all += table(here);
  if (!elsewhere.rows.empty())
    all += details(fmt::format("{} about configurations that this run does not have", count_of(elsewhere.rows.size(), "claim")),
                   table(elsewhere));
  return all;
}

void render(const Dataset& data, Page& page) {
  const auto judged = candidates(data);
  if (judged.empty()) {
    page.paragraph("No configuration was judged, so no claim has evidence here.");
    return;
  }
  page.paragraph("A claim without a measurement in this run says “not measured”; that is neither good nor bad news.");
  std::vector<Claim> claims{quality(judged), stability(data.run), speed(judged, "required", kSpeedGoal),
                            speed(judged, "bonus", kSpeedBonus)};
  for (auto& claim : gpu_goals(data.run)) claims.push_back(std::move(claim));
  page.add(roadmap_table(claims) + own_claims(data, judged) + promises(data));
}

}  // namespace

extern const Section claims;
const Section claims{.id = "claims", .title = "The roadmap's claims", .order = 100, .render = render};

}  // namespace wan::reports
