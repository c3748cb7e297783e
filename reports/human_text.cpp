#include "reports/human_text.h"

#include <fmt/format.h>

#include "reports/format.h"

namespace wan::reports {

std::string preferred_share(const gate::HumanVerdict& verdict) { return verdict.share ? format_share(*verdict.share) : "–"; }

std::string preferred_interval(const gate::HumanVerdict& verdict) {
  if (!verdict.interval) return "–";
  return fmt::format("{} to {} %", format_number(100 * verdict.interval->low, 1), format_number(100 * verdict.interval->high, 1));
}

std::string preference_p(const gate::HumanVerdict& verdict) { return verdict.p ? format_significant(*verdict.p, 2) : "–"; }

std::string repeats_text(const gate::Consistency& consistency) {
  return consistency.repeats == 0 ? "–" : fmt::format("{} of {} same", consistency.same, consistency.repeats);
}

std::string human_sentence(const gate::HumanAb& people) {
  std::string text =
      fmt::format("{}, {} ({} unanswered)", count_of(people.sheets, "sitting"), count_of(people.answered, "answer"), people.unanswered);
  if (people.median_answer_s) text += fmt::format(", each in {} at the median", format_duration(*people.median_answer_s));
  if (people.consistency.repeats > 0)
    text += fmt::format("; of {} shown again with sides swapped, {} got the same answer", count_of(people.consistency.repeats, "pair"),
                        people.consistency.same);
  return text + ".";
}

std::string human_convention(const gate::HumanAb& people) {
  return fmt::format(
      "Ties stand apart: share, interval (Clopper-Pearson) and p (exact, two-sided, of even odds) are of those who preferred either.\n"
      "Repeats count for consistency alone. held: the interval lies above {}; failed: it lies below.",
      format_share(0.5 - people.margin));
}

}  // namespace wan::reports
