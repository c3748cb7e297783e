// What SciPy and statsmodels make of small samples (tests/data/statistics/make_golden.py), and how close ours must come.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/measure/confidence.h"

namespace wan::testing {

// The cases of one table of golden.json; at least one, or the test fails.
nlohmann::json golden_cases(const std::string& table);

// The sample named by a case's `key`.
std::vector<double> golden_sample(const nlohmann::json& golden_case, const char* key = "sample");

// The promise: 1e-10 of the expected value, tails of 1e-12 included, or 1e-14 where sums of numbers around 1 cancel.
double golden_tolerance(double expected);

measure::Confidence golden_confidence(const nlohmann::json& golden_case);    // `level` and `bounds`
measure::Alternative golden_alternative(const nlohmann::json& golden_case);  // `alternative`
void expect_golden_interval(const nlohmann::json& golden_case,
                            const measure::Interval& interval);  // `low` and `high`; infinite where absent

}  // namespace wan::testing
