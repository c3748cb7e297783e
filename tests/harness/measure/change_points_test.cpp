#include "harness/measure/change_points.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>

#include "engine/base/error.h"

namespace wan::measure {
namespace {

nlohmann::json golden() {
  std::ifstream in(std::filesystem::path(WAN_TEST_DATA) / "statistics" / "change_points.json");
  return nlohmann::json::parse(in).at("change_points");
}

std::vector<std::size_t> indices(const ChangePoints& found) {
  std::vector<std::size_t> all;
  for (const auto& point : found.points) all.push_back(point.index);
  return all;
}

std::vector<double> states(const std::vector<std::pair<std::size_t, double>>& sizes_and_levels) {
  std::vector<double> values;
  for (const auto& [size, level] : sizes_and_levels) values.insert(values.end(), size, level);
  return values;
}

TEST(ChangePoints, DivergencesEqualTheOtherImplementation) {
  for (const auto& history : golden()) {
    SCOPED_TRACE(history.at("history").get<std::string>());
    const auto divergences = energy_divergences(history.at("values").get<std::vector<double>>());
    const auto expected = history.at("divergences").get<std::vector<double>>();
    ASSERT_EQ(divergences.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(divergences[i], expected[i], 1e-10) << i;
  }
}

TEST(ChangePoints, PlainStepsAreWherePeltSeesThem) {
  for (const auto& history : golden()) {
    SCOPED_TRACE(history.at("history").get<std::string>());
    const auto found = find_change_points(history.at("values").get<std::vector<double>>(), {.alpha = 0.01});
    EXPECT_EQ(indices(found), history.at("points").get<std::vector<std::size_t>>());
  }
}

// a zeros and b ones: the distance between is 1 and within 0, so the divergence at the step is 2 a b / (a + b); one value off the step,
// with a - 1 zeros before it, b / (b + 1) of which are ones after it, it is 2 (a - 1) (b + 1) / (a + b) times the square of that share.
TEST(ChangePoints, DivergenceOfAStepHasAClosedForm) {
  for (const auto& [a, b] : {std::pair<std::size_t, std::size_t>{5, 5}, {3, 9}, {12, 4}}) {
    const auto divergences = energy_divergences(states({{a, 0}, {b, 1}}));
    const auto before = static_cast<double>(a), after = static_cast<double>(b);
    EXPECT_NEAR(divergences[a], 2 * before * after / (before + after), 1e-12);
    const double share = after / (after + 1);
    EXPECT_NEAR(divergences[a - 1], 2 * (before - 1) * (after + 1) / (before + after) * share * share, 1e-12);
    EXPECT_EQ(divergences[0], 0);
  }
}

// Of eight values, four low and then four high, 70 arrangements are equally likely, and two of them (low or high first) have so great a
// divergence: p is 2/70 but for the permutations' own noise.
TEST(ChangePoints, TheTestKnowsTheExactProbability) {
  const std::size_t permutations = 20000;
  const auto found = find_change_points(states({{4, 0}, {4, 1}}), {.permutations = permutations});
  // It stops at twenty as large: a negative binomial count, whose standard deviation is about p / sqrt(20).
  EXPECT_NEAR(found.p, 2.0 / 70, 3 * (2.0 / 70) / std::sqrt(20));
  EXPECT_EQ(indices(found), std::vector<std::size_t>{4});
}

TEST(ChangePoints, OfAClearStepPIsTheSmallestThatThePermutationsCanShow) {
  const auto found = find_change_points(states({{30, 1.0}, {30, 0.9}}), {.permutations = 199});
  EXPECT_EQ(found.p, 1.0 / 200);
  ASSERT_EQ(indices(found), std::vector<std::size_t>{30});
  EXPECT_EQ(found.points[0].p, found.p);
  EXPECT_NEAR(found.points[0].divergence, 0.1 * 2 * 30 * 30 / 60, 1e-12);
}

TEST(ChangePoints, AStateThatCameAndWentHasTwo) {
  EXPECT_EQ(indices(find_change_points(states({{14, 2}, {10, 3}, {14, 2}}))), (std::vector<std::size_t>{14, 24}));
}

TEST(ChangePoints, ShortConstantAndEmptyHistoriesHaveNone) {
  for (const auto& values : {std::vector<double>{}, {1}, {1, 2, 3, 4, 5}, std::vector<double>(50, 0.97)}) {
    const auto found = find_change_points(values);
    EXPECT_TRUE(found.points.empty());
    EXPECT_EQ(found.p, 1);
  }
}

TEST(ChangePoints, OneNightOffIsNoState) {
  auto values = states({{40, 1.0}});
  values[20] = 5;
  EXPECT_TRUE(find_change_points(values).points.empty());
}

TEST(ChangePoints, NeitherPlaceNorScaleNorDirectionMatters) {
  const auto history = golden().at(3).at("values").get<std::vector<double>>();
  const auto found = find_change_points(history);
  std::vector<double> moved(history), turned(history);
  for (double& value : moved) value = 1000 * value + 7;
  std::reverse(turned.begin(), turned.end());
  EXPECT_EQ(indices(find_change_points(moved)), indices(found));
  auto mirrored = indices(found);
  for (auto& index : mirrored) index = history.size() - index;
  std::reverse(mirrored.begin(), mirrored.end());
  EXPECT_EQ(indices(find_change_points(turned)), mirrored);
}

TEST(ChangePoints, TheSameSeedGivesTheSameAnswer) {
  const auto history = golden().at(0).at("values").get<std::vector<double>>();
  EXPECT_EQ(find_change_points(history).p, find_change_points(history).p);
  EXPECT_NE(find_change_points(history, {.seed = 2}).p, find_change_points(history).p);
}

TEST(ChangePoints, RefusesWhatItCannotRead) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(find_change_points(std::vector{1.0, nan, 1.0}), CheckError);
  EXPECT_THROW(find_change_points(std::vector{1.0}, {.alpha = 0}), CheckError);
  EXPECT_THROW(find_change_points(std::vector{1.0}, {.permutations = 0}), CheckError);
  EXPECT_THROW(find_change_points(std::vector{1.0}, {.fewest = 0}), CheckError);
}

}  // namespace
}  // namespace wan::measure
