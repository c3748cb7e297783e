#include "tests/support/harness/statistics_golden.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>

namespace wan::testing {
namespace {

const nlohmann::json& golden() {
  static const nlohmann::json document = [] {
    std::ifstream in(std::filesystem::path(WAN_TEST_DATA) / "statistics" / "golden.json");
    return nlohmann::json::parse(in);
  }();
  return document;
}

}  // namespace

nlohmann::json golden_cases(const std::string& table) {
  EXPECT_FALSE(golden().at(table).empty()) << table;
  return golden().at(table);
}

std::vector<double> golden_sample(const nlohmann::json& golden_case, const char* key) {
  return golden().at("samples").at(golden_case.at(key).get<std::string>()).get<std::vector<double>>();
}

double golden_tolerance(double expected) { return std::max(1e-10 * std::abs(expected), 1e-14); }

measure::Confidence golden_confidence(const nlohmann::json& golden_case) {
  const std::string bounds = golden_case.at("bounds");
  return {.level = golden_case.at("level"),
          .bounds = bounds == "both"    ? measure::Bounds::both
                    : bounds == "lower" ? measure::Bounds::lower
                                        : measure::Bounds::upper};
}

measure::Alternative golden_alternative(const nlohmann::json& golden_case) {
  const std::string alternative = golden_case.at("alternative");
  return alternative == "two_sided" ? measure::Alternative::two_sided
         : alternative == "less"    ? measure::Alternative::less
                                    : measure::Alternative::greater;
}

void expect_golden_interval(const nlohmann::json& golden_case, const measure::Interval& interval) {
  SCOPED_TRACE(golden_case.dump());
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const double low = golden_case.value("low", -kInfinity), high = golden_case.value("high", kInfinity);
  if (std::isinf(low)) {
    EXPECT_EQ(interval.low, low);
  } else {
    EXPECT_NEAR(interval.low, low, golden_tolerance(low));
  }
  if (std::isinf(high)) {
    EXPECT_EQ(interval.high, high);
  } else {
    EXPECT_NEAR(interval.high, high, golden_tolerance(high));
  }
}

}  // namespace wan::testing
