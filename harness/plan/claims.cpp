#include "harness/plan/claims.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/base/error.h"
#include "harness/plan/claim_fields.h"
#include "harness/plan/reader.h"
#include "harness/plan/tier_file.h"

namespace wan::plan {
namespace {

constexpr std::array<ClaimFigure, 9> kFigures{{{"speedup", "ratio", true, false},
                                               {"throughput", "ratio", true, false},
                                               {"seconds_per_step", "s", false, true},
                                               {"seconds_per_clip", "s", false, true},
                                               {"compile_seconds", "s", false, true},
                                               {"memory_gib", "GiB", false, true},
                                               {"share", "share", false, false},
                                               {"ssim", "1", true, false},
                                               {"break_even_clips", "clips", false, true}}};

const ClaimFigure* find_figure(std::string_view name) {
  const auto found = std::find_if(kFigures.begin(), kFigures.end(), [&](const ClaimFigure& figure) { return figure.name == name; });
  return found == kFigures.end() ? nullptr : &*found;
}

void check(const Claim& claim, const Node& table, Faults& faults) {
  const auto place = [&](const char* key) {
    const Member* member = table.find(key);
    return member ? member->value.place : table.place;
  };
  if (claim.configuration.empty() == claim.tier.empty())
    faults.add(table.place, "a claim is about a 'configuration' or a 'tier', one of both");
  if (!claim.low && !claim.high) faults.add(table.place, "a claim needs 'low', 'high' or both");
  if (claim.low && claim.high && *claim.low > *claim.high)
    faults.add(place("low"), fmt::format("'claim.low' is {}, above 'claim.high', {}", *claim.low, *claim.high));
  if (claim.limit.has_value() != !claim.limit_why.empty())
    faults.add(table.place, "a limit stands with its arithmetic: 'limit' and 'limit_why' come together");
  const ClaimFigure* figure = find_figure(claim.figure);
  if (figure && !claim.unit.empty() && claim.unit != figure->unit)
    faults.add(place("unit"), fmt::format("the unit of '{}' is '{}', got '{}'", claim.figure, figure->unit, claim.unit));
}

}  // namespace

bool is_figure(std::string_view text) { return find_figure(text) != nullptr; }

const ClaimFigure& figure_of(const Claim& claim) {
  const ClaimFigure* figure = find_figure(claim.figure);
  WAN_CHECK(figure, "claim {}: no figure '{}'", claim.id, claim.figure);
  return *figure;
}

std::string subject_of(const Claim& claim) {
  return claim.configuration.empty() ? fmt::format("tier{}_all", claim.tier) : claim.configuration;
}

double least_promised(const Claim& claim) {
  WAN_CHECK(claim.low || claim.high, "claim {} promises nothing", claim.id);
  return figure_of(claim).more_is_better ? claim.low.value_or(*(claim.high ? claim.high : claim.low))
                                         : claim.high.value_or(*(claim.low ? claim.low : claim.high));
}

bool is_beyond_limit(const Claim& claim) {
  if (!claim.limit) return false;
  return figure_of(claim).more_is_better ? least_promised(claim) > *claim.limit : least_promised(claim) < *claim.limit;
}

std::vector<Claim> load_claims(const std::filesystem::path& path) {
  Faults faults;
  const Node document = read_document(path, faults);
  faults.throw_if_any();
  TableReader file(document, faults);
  check_schema(file, faults);
  std::vector<Claim> claims;
  for (const Node* table : file.take_tables("claim")) {
    Claim claim;
    TableReader reader(*table, faults, "claim.");
    for (const char* key : {"id", "text", "source", "figure", "unit"}) reader.require(key);
    visit_fields(claim, reader);
    reader.finish();
    check(claim, *table, faults);
    const bool twice = std::any_of(claims.begin(), claims.end(), [&](const Claim& other) { return other.id == claim.id; });
    if (twice && !claim.id.empty()) faults.add(table->find("id")->value.place, fmt::format("claim '{}' stands twice", claim.id));
    claims.push_back(std::move(claim));
  }
  file.finish();
  faults.throw_if_any();
  return claims;
}

}  // namespace wan::plan
