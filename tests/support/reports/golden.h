// Golden files in tests/data/reports. With WAN_UPDATE_GOLDENS set in the environment they are written instead of compared; the difference
// is then read in the commit.
#pragma once

#include <string>

namespace wan::reports::testing {

// A GoogleTest expectation that `text` equals the file, line by line, so that a failure names the first line that differs.
void expect_golden(const std::string& text, const std::string& file);

}  // namespace wan::reports::testing
