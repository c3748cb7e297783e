#include "harness/run/failure.h"

#include <gtest/gtest.h>

#include <new>
#include <stdexcept>

#include "engine/base/error.h"

namespace wan::run {
namespace {

TEST(Failure, TypeDecidesAndMemoryIsKnownByItsWords) {
  EXPECT_EQ(describe_failure(UsageError("no such file")), "usage: no such file");
  EXPECT_EQ(describe_failure(CheckError("rows 3 columns 4")), "crash: rows 3 columns 4");
  EXPECT_EQ(describe_failure(std::bad_alloc()), "oom: std::bad_alloc");
  EXPECT_EQ(describe_failure(std::runtime_error("CUDA out of memory. Tried to allocate 2 GiB\nException raised from")),
            "oom: CUDA out of memory. Tried to allocate 2 GiB");
  EXPECT_EQ(describe_failure(std::runtime_error("DefaultCPUAllocator: can't allocate memory: you tried")),
            "oom: DefaultCPUAllocator: can't allocate memory: you tried");
  EXPECT_EQ(describe_failure(std::runtime_error("shapes differ\n#0 frame")), "crash: shapes differ");
}

TEST(Failure, NonfiniteSaysWhere) { EXPECT_EQ(describe_nonfinite(3, 0).rfind("nan: 3 values in the latents and 0", 0), 0u); }

}  // namespace
}  // namespace wan::run
