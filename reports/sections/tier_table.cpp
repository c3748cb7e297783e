// One row a configuration: what it is, how fast, how near to BF16, what both gates say, and why.
#include "reports/format.h"
#include "reports/page.h"
#include "reports/section.h"
#include "reports/summary.h"

namespace wan::reports {
namespace {

Markup number(std::optional<double> value) { return value ? format_number(*value, 2) : std::string("–"); }
Markup score(std::optional<double> value) { return value ? format_score(*value) : std::string("–"); }

constexpr std::ptrdiff_t kAdherencePlace = 7;  // of its column, where there is one

std::string below(const ConfigurationSummary& summary) {
  const std::string& what = summary.record->configuration.summary;
  return what.empty() ? summary.reason : what + " · " + summary.reason;
}

std::vector<TableCell> row(const ConfigurationSummary& summary, bool adherence) {
  const bool judged = summary.verdict && !summary.reference;
  const auto outcome = [judged](gate::Outcome value) { return judged ? TableCell(badge(value)) : TableCell("–", "soft"); };
  std::vector<TableCell> cells{{summary.id()},
                               {outcome(summary.overall)},
                               {summary.reference ? "reference" : summary.kind},
                               {summary.speed},
                               {number(summary.psnr_db)},
                               {score(summary.ssim)},
                               {score(summary.lpips)},
                               {number(summary.floor_ratio)},
                               {outcome(judged ? summary.verdict->quality_roadmap.outcome : summary.overall)},
                               {outcome(judged ? summary.verdict->quality_calibrated.outcome : summary.overall)}};
  if (adherence) cells.insert(cells.begin() + kAdherencePlace, Markup(summary.adherence ? format_share(*summary.adherence) : "–"));
  return cells;
}

void render(const Dataset& data, Page& page) {
  const auto summaries = summarize(data);
  if (summaries.empty()) {
    page.paragraph("No configuration was run.");
    return;
  }
  Table grid{
      .caption = "Every configuration of this run. PSNR, SSIM and LPIPS are taken against its quality baseline and pooled over the clips.",
      .columns = {
          {"Configuration"},
          {"Verdict"},
          {"Class", false, "exact: bit-equal clips; equivalent: another order of the same operations; lossy: changes the numbers"},
          {"Speed", true, "times faster than its speed baseline, or why there is no such figure"},
          {"PSNR dB", true, "of the squared error pooled over all clips; inf: identical"},
          {"SSIM", true, "ssim.ipol, 1: identical"},
          {"LPIPS", true, "lpips.alex, 0: identical"},
          {"× floor", true, "LPIPS over that of the noise floor on the same clips; 1: as far from the baseline as an equally valid run"},
          {"Roadmap", false, "the quality gate with the roadmap's fixed bounds"},
          {"Calibrated", false, "the quality gate against the noise floor"}}};
  const bool adherence = tells_adherence(summaries);
  if (adherence)
    grid.columns.insert(grid.columns.begin() + kAdherencePlace,
                        {"Adheres", true, "adherence.world, the share of clips that show what their prompt says"});
  for (const auto& summary : summaries) {
    grid.rows.push_back(row(summary, adherence));
    grid.below.push_back(below(summary));
  }
  page.add(table(grid));
}

}  // namespace

extern const Section tier_table;
const Section tier_table{.id = "tier_table", .title = "Configurations", .order = 20, .render = render};

}  // namespace wan::reports
