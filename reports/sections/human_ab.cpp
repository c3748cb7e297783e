// What people preferred when they did not know which clip was which.
#include "harness/gate/human_ab.h"

#include "reports/format.h"
#include "reports/human_text.h"
#include "reports/page.h"
#include "reports/section.h"

namespace wan::reports {
namespace {

void render(const Dataset& data, Page& page) {
  if (!data.people) {
    page.paragraph(
        badge(gate::Outcome::not_measured) +
        " No votes of people were read. `wan-eval report --ab RUN` writes a page of blind trials; what it exports belongs into the "
        "folder votes of the run.");
    return;
  }
  const gate::HumanAb& people = *data.people;
  page.paragraph(human_sentence(people));
  page.note(human_convention(people));
  Table grid{.caption = "Which clip people preferred, candidate against its quality baseline",
             .columns = {{"Configuration"},
                         {"Against"},
                         {"Outcome"},
                         {"Wins", true},
                         {"Losses", true},
                         {"Ties", true},
                         {"Prefer it", true, "of those who preferred either"},
                         {"95 % interval", true},
                         {"p", true, "exact and two-sided, of even odds"},
                         {"Repeats", true, "pairs shown again with sides swapped"},
                         {"Reason"}}};
  for (const auto& verdict : people.verdicts)
    grid.rows.push_back({{verdict.configuration},
                         {verdict.baseline},
                         {badge(verdict.outcome)},
                         {std::to_string(verdict.wins)},
                         {std::to_string(verdict.losses)},
                         {std::to_string(verdict.ties)},
                         {preferred_share(verdict)},
                         {preferred_interval(verdict)},
                         {preference_p(verdict)},
                         {repeats_text(verdict.consistency)},
                         {verdict.reason, "why"}});
  page.add(table(grid));
  if (!people.raters.empty()) page.note("Raters: " + one_line(join(people.raters, ", ")) + ".");
  page.note(
      "Votes are pooled as if each were drawn by itself. Raters who see the same clips agree more than that, so more clips say more than "
      "more raters.");
}

}  // namespace

extern const Section human_ab;
const Section human_ab{.id = "human_ab", .title = "Human A/B", .order = 47, .render = render};

}  // namespace wan::reports
