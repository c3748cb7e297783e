#include "harness/run/overhead.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace wan::run
