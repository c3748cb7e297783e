#include "harness/run/overhead.h"

#include <gtest/gtest.h>

#include "engine/base/error.h"
#include "harness/run/null_executor.h"
#include "tests/support/harness/temporary_folder.h"

namespace wan::run {
namespace {

TEST(Overhead, MeasuresAndCleansUp) {
  const testing::TemporaryFolder root;
  const Overhead overhead = measure_overhead(
      root.path(), [] { return make_null_executor(); }, 5);
  EXPECT_EQ(overhead.cells, 5u);
  EXPECT_GT(overhead.cell_s, 0);
  EXPECT_GT(overhead.sync_s, 0);
  EXPECT_TRUE(std::filesystem::is_empty(root.path()));
}

TEST(Overhead, SaysWhyThereIsNone) {
  const testing::TemporaryFolder root;
  try {
    measure_overhead(
        root.path(), [] { return make_null_executor("usage@0"); }, 5);
    FAIL();
  } catch (const CheckError& error) {
    EXPECT_NE(std::string(error.what()).find("the null model refuses"), std::string::npos) << error.what();
  }
  EXPECT_TRUE(std::filesystem::is_empty(root.path()));
}

}  // namespace
}  // namespace wan::run
