// The fields of a claim, listed once, as fields.h does for the other files.
#pragma once

#include "harness/plan/claims.h"
#include "harness/plan/fields.h"

namespace wan::plan {

inline constexpr std::string_view kFigureWords =
    "speedup, throughput, seconds_per_step, seconds_per_clip, compile_seconds, memory_gib, share, ssim or break_even_clips";
bool is_figure(std::string_view text);

template <Either<Claim> S, typename Visitor>
void visit_fields(S& claim, Visitor&& visit) {
  const auto id = [](std::string_view name) { return Field{.name = name, .text_rule = is_identifier, .wanted = kIdentifierWords}; };
  const auto words = [](std::string_view name) { return Field{.name = name, .text_rule = is_not_blank, .wanted = "not blank"}; };
  const auto number = [](std::string_view name) {
    return Field{.name = name, .maximum = 1e9, .number_rule = is_positive, .wanted = "more than 0"};
  };
  visit(id("id"), claim.id);
  visit(id("configuration"), claim.configuration);
  visit(id("tier"), claim.tier);
  visit(words("text"), claim.text);
  visit(words("source"), claim.source);
  visit(Field{.name = "figure", .text_rule = is_figure, .wanted = kFigureWords}, claim.figure);
  visit(words("unit"), claim.unit);
  visit(id("part"), claim.part);
  visit(id("over"), claim.over);
  visit(number("low"), claim.low);
  visit(number("high"), claim.high);
  visit(number("limit"), claim.limit);
  visit(words("limit_why"), claim.limit_why);
}

}  // namespace wan::plan
