#include "harness/run/failure.h"

#include <gtest/gtest.h>

#include <new>
#include <stdexcept>

#include "engine/base/error.h"
#include "harness/run/worker_lost.h"

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

TEST(Failure, ALostWorkerIsKnownByItsCause) {
  const std::vector<std::string> log{"other process: out of memory"};
  EXPECT_EQ(describe_failure(WorkerLost(WorkerLost::Cause::signal, "killed by signal 11", log)), "crash: killed by signal 11");
  EXPECT_EQ(describe_failure(WorkerLost(WorkerLost::Cause::out_of_memory, "out of memory: the kernel", {})),
            "oom: out of memory: the kernel");
}

TEST(Failure, OnlyALossMayBeTriedAgain) {
  EXPECT_TRUE(is_infrastructure_fault(WorkerLost(WorkerLost::Cause::hang, "hung", {})));
  EXPECT_TRUE(is_infrastructure_fault(FatalCudaError(700, "illegal address")));
  EXPECT_FALSE(is_infrastructure_fault(CudaError(2, "out of memory")));
  EXPECT_FALSE(is_infrastructure_fault(UsageError("no such file")));
  EXPECT_FALSE(is_infrastructure_fault(std::bad_alloc()));
  EXPECT_FALSE(is_infrastructure_fault(std::runtime_error("nan")));
}

TEST(Failure, NonfiniteSaysWhere) { EXPECT_EQ(describe_nonfinite(3, 0).rfind("nan: 3 values in the latents and 0", 0), 0u); }

}  // namespace
}  // namespace wan::run
