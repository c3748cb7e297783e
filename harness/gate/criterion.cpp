#include "harness/gate/criterion.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/base/error.h"

namespace wan::gate {
namespace {

constexpr std::array kHeaviestFirst{Outcome::rejected,     Outcome::failed,      Outcome::invalid, Outcome::inconclusive,
                                    Outcome::not_measured, Outcome::not_claimed, Outcome::held};

auto weight(Outcome outcome) { return std::find(kHeaviestFirst.begin(), kHeaviestFirst.end(), outcome); }

bool decides(const Criterion& criterion) {
  if (criterion.level != plan::Level::error) return false;
  return criterion.outcome != Outcome::not_measured || criterion.bound.has_value();
}

bool warns(const Criterion& criterion) {
  return criterion.level == plan::Level::warn && criterion.outcome != Outcome::held && criterion.outcome != Outcome::not_measured;
}

// Where value and bound say it all, the code adds nothing for a person.
std::string relation(const Criterion& criterion) {
  const std::string code = reason_code(criterion.reason);
  if (code == "within_bound") return "meets";
  if (code == "below_bound") return "is not above";
  if (code == "above_bound") return "is not below";
  if (code == "over_bound") return "exceeds";
  if (code == "bound_missed") return "misses";
  return {};
}

std::string held_sentence(const std::vector<Criterion>& criteria) {
  const auto held = std::count_if(criteria.begin(), criteria.end(), decides);
  const Criterion* tightest = nullptr;
  const auto relative = [](const Criterion& criterion) { return *criterion.margin / *criterion.bound; };
  for (const auto& criterion : criteria) {
    if (!decides(criterion) || !criterion.margin || !criterion.bound || *criterion.bound == 0) continue;
    if (!tightest || relative(criterion) < relative(*tightest)) tightest = &criterion;
  }
  std::string text = fmt::format("{} of {} criteria held", held, held);
  if (tightest) text += fmt::format("; the tightest: {}", describe(*tightest));
  return text;
}

}  // namespace

Outcome outweighing(Outcome a, Outcome b) { return weight(a) < weight(b) ? a : b; }

std::string reason_code(const std::string& reason) { return reason.substr(0, reason.find(": ")); }

std::string describe(const Criterion& criterion) {
  std::string text = criterion.name;
  if (criterion.value) text += fmt::format(" {:.4g}", *criterion.value);
  if (criterion.low && criterion.high) text += fmt::format(" [{:.4g}, {:.4g}]", *criterion.low, *criterion.high);
  if (criterion.n > 0) text += fmt::format(" (n = {})", criterion.n);
  if (const std::string words = relation(criterion); !words.empty() && criterion.bound) {
    text += fmt::format(" {} {:.4g}", words, *criterion.bound);
    if (const auto colon = criterion.reason.find(": "); colon != std::string::npos)
      text += fmt::format(" ({})", criterion.reason.substr(colon + 2));
    return text;
  }
  if (criterion.bound) text += fmt::format(", bound {:.4g}", *criterion.bound);
  return text + ": " + criterion.reason;
}

Criterion at_level(Criterion criterion, plan::Level level) {
  criterion.level = level;
  if (level != plan::Level::off) return criterion;
  criterion.outcome = Outcome::not_measured;
  criterion.reason = "off: its level says that it is not judged";
  return criterion;
}

GateResult combine(std::vector<Criterion> criteria) {
  WAN_CHECK(!criteria.empty(), "a gate needs criteria");
  GateResult result{.outcome = Outcome::held, .reason = {}, .criteria = std::move(criteria)};
  const Criterion* deciding = nullptr;
  for (const auto& criterion : result.criteria) {
    if (!decides(criterion)) continue;
    const Outcome heavier = outweighing(criterion.outcome, result.outcome);
    if (!deciding || heavier != result.outcome) {
      result.outcome = heavier;
      deciding = &criterion;
    }
  }
  if (!deciding) {
    result.outcome = Outcome::not_measured;
    result.reason = describe(result.criteria.front());
  } else {
    result.reason = result.outcome == Outcome::held ? held_sentence(result.criteria) : describe(*deciding);
  }
  for (const auto& criterion : result.criteria)
    if (warns(criterion)) result.reason += fmt::format("; warning: {}", describe(criterion));
  return result;
}

}  // namespace wan::gate
