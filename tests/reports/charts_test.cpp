#include "reports/charts.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/reports/well_formed.h"

namespace wan::reports {
namespace {

TEST(Ticks, AreRoundAndCoverTheRange) {
  EXPECT_EQ(ticks(0, 10, 5), (std::vector<double>{0, 2, 4, 6, 8, 10}));
  const auto small = ticks(0.031, 0.098, 6);
  EXPECT_LE(small.front(), 0.031);
  EXPECT_GE(small.back(), 0.098 - 1e-12);
  for (std::size_t i = 1; i < small.size(); ++i) EXPECT_NEAR(small[i] - small[i - 1], 0.02, 1e-12);  // 0.067 in six parts: next of 1, 2, 5
}

TEST(Ticks, OfNoRangeIsOneTick) {
  EXPECT_EQ(ticks(3, 3, 5).size(), 1U);
  EXPECT_EQ(ticks(0, std::numeric_limits<double>::infinity(), 5).size(), 1U);
}

double number(const testing::Element& element, const std::string& name) { return std::stod(element.attributes.at(name)); }

TEST(StripChart, DotsStandInTheOrderOfTheirValuesAndInfinityLast) {
  const double infinity = std::numeric_limits<double>::infinity();
  const auto document =
      testing::parse_markup(strip_chart({.title = "t",
                                         .rows = {{.label = "a", .dots = {{20, "low"}, {30, "high"}, {infinity, "inf"}}, .mean = 25}},
                                         .lines = {{28, "bound"}}})
                                .str());
  ASSERT_EQ(document.error, "");
  const auto dots = document.all("circle");
  ASSERT_EQ(dots.size(), 3U);
  EXPECT_LT(number(*dots[0], "cx"), number(*dots[1], "cx"));
  EXPECT_LT(number(*dots[1], "cx"), number(*dots[2], "cx"));
  EXPECT_EQ(dots[2]->text, "inf");
}

TEST(StripChart, OneValueOrNoneIsStillAChart) {
  for (const auto& dots :
       {std::vector<StripChart::Dot>{}, std::vector<StripChart::Dot>{{0.5, "x"}}, std::vector<StripChart::Dot>{{0, "x"}, {0, "y"}}}) {
    const std::string chart = strip_chart({.title = "t", .rows = {{.label = "a", .dots = dots}}}).str();
    EXPECT_EQ(testing::parse_markup(chart).error, "");
    EXPECT_EQ(chart.find("nan"), std::string::npos);
  }
}

TEST(BarChart, BarsAreProportionalAndEndInsideTheChart) {
  const auto document = testing::parse_markup(
      bar_chart(
          {.title = "t", .series = {"s"}, .rows = {{.label = "a", .parts = {1}, .value = "1"}, {.label = "b", .parts = {3}, .value = "3"}}})
          .str());
  ASSERT_EQ(document.error, "");
  const auto bars = document.all("rect");
  ASSERT_EQ(bars.size(), 2U);
  EXPECT_NEAR(number(*bars[1], "width") / number(*bars[0], "width"), 3, 0.01);  // positions are written to a tenth of a pixel
  EXPECT_LT(number(*bars[1], "x") + number(*bars[1], "width"), 820);
}

TEST(BarChart, AllZeroIsNoFault) {
  const std::string chart = bar_chart({.title = "t", .series = {"s"}, .rows = {{.label = "a", .parts = {0}, .value = "0"}}}).str();
  EXPECT_EQ(testing::parse_markup(chart).error, "");
  EXPECT_EQ(chart.find("nan"), std::string::npos);
}

}  // namespace
}  // namespace wan::reports
