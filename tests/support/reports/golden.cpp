#include "tests/support/reports/golden.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

namespace wan::reports::testing {

void expect_golden(const std::string& text, const std::string& file) {
  const std::string path = std::string(WAN_TEST_DATA) + "/reports/" + file;
  if (std::getenv("WAN_UPDATE_GOLDENS")) {
    std::ofstream(path, std::ios::binary) << text;
    return;
  }
  std::ifstream stream(path, std::ios::binary);
  ASSERT_TRUE(stream) << path;
  const std::string golden{std::istreambuf_iterator<char>(stream), {}};
  std::istringstream actual_lines(text), golden_lines(golden);
  std::string actual, wanted;
  for (int number = 1; std::getline(golden_lines, wanted); ++number) {
    ASSERT_TRUE(std::getline(actual_lines, actual)) << file << " ends before line " << number;
    ASSERT_EQ(actual, wanted) << file << ":" << number;
  }
  EXPECT_EQ(text.size(), golden.size()) << file << " has further lines";
}

}  // namespace wan::reports::testing
