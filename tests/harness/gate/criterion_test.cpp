#include "harness/gate/criterion.h"

#include <gtest/gtest.h>

#include "engine/base/error.h"

namespace wan::gate {
namespace {

Criterion with(Outcome outcome) { return {.name = to_string(outcome), .outcome = outcome, .reason = "r", .bound = 1.0}; }

TEST(Criterion, HeavierOutcomeWinsWhateverTheOrder) {
  const std::vector order{Outcome::rejected,     Outcome::failed,      Outcome::invalid, Outcome::inconclusive,
                          Outcome::not_measured, Outcome::not_claimed, Outcome::held};
  for (std::size_t i = 0; i < order.size(); ++i)
    for (std::size_t j = 0; j < order.size(); ++j) {
      EXPECT_EQ(outweighing(order[i], order[j]), order[std::min(i, j)]);
      const GateResult result = combine({with(order[i]), with(order[j])});
      EXPECT_EQ(result.outcome, order[std::min(i, j)]);
    }
}

TEST(Criterion, CombinedReasonIsTheFirstOfTheDecidingOnes) {
  GateResult result = combine({with(Outcome::held),
                               {.name = "a", .outcome = Outcome::failed, .reason = "below_bound", .value = 0.5, .bound = 1.0, .n = 3},
                               {.name = "b", .outcome = Outcome::failed, .reason = "below_bound", .value = 0.1, .bound = 1.0}});
  EXPECT_EQ(result.reason, "a 0.5 (n = 3) is not above 1");
}

TEST(Criterion, UnmeasuredWithoutBoundDecidesNothing) {
  EXPECT_EQ(combine({with(Outcome::held), {.name = "later", .reason = "not_measured: later"}}).outcome, Outcome::held);
  EXPECT_EQ(combine({{.name = "later", .reason = "not_measured: later"}}).outcome, Outcome::not_measured);
  EXPECT_THROW(combine({}), CheckError);
}

TEST(Criterion, DescribesDetailsAndCodes) {
  EXPECT_EQ(describe({.name = "mse", .reason = "over_bound: the floor is zero", .value = 3.0, .bound = 0.0}),
            "mse 3 exceeds 0 (the floor is zero)");
  EXPECT_EQ(describe({.name = "baseline", .reason = "no_baseline: bf16 is absent"}), "baseline: no_baseline: bf16 is absent");
  EXPECT_EQ(reason_code("slower: by 3 %"), "slower");
  EXPECT_EQ(reason_code("slower"), "slower");
}

TEST(Criterion, ThoseBelowTheLevelOfErrorsDecideNothingAndWarningsAreSaid) {
  const Criterion held{
      .name = "ssim.ipol", .outcome = Outcome::held, .reason = "within_bound", .value = 0.97, .bound = 0.95, .margin = 0.02};
  const Criterion missed{.name = "lpips.alex", .outcome = Outcome::rejected, .reason = "above_bound", .value = 0.2, .bound = 0.05};
  const GateResult warned = combine({held, at_level(missed, plan::Level::warn)});
  EXPECT_EQ(warned.outcome, Outcome::held);
  EXPECT_NE(warned.reason.find("1 of 1 criteria held"), std::string::npos) << warned.reason;
  EXPECT_NE(warned.reason.find("; warning: lpips.alex 0.2 is not below 0.05"), std::string::npos) << warned.reason;
  EXPECT_EQ(combine({held, at_level(missed, plan::Level::error)}).outcome, Outcome::rejected);
  const GateResult off = combine({held, at_level(missed, plan::Level::off)});
  EXPECT_EQ(off.outcome, Outcome::held);
  EXPECT_EQ(off.reason.find("lpips"), std::string::npos) << off.reason;
  EXPECT_EQ(off.criteria[1].outcome, Outcome::not_measured);
  EXPECT_EQ(reason_code(off.criteria[1].reason), "off");
  EXPECT_EQ(off.criteria[1].value, 0.2) << "the figure is shown";
  EXPECT_EQ(combine({at_level(held, plan::Level::warn)}).outcome, Outcome::not_measured) << "nobody decides";
}

}  // namespace
}  // namespace wan::gate
