#include "engine/runtime/cpu.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wan::runtime {
namespace {

using ::testing::HasSubstr;

TEST(Cpu, NamesTheBestUnitForBfloat16) {
  EXPECT_THAT(describe_bfloat16("flags : fpu avx512bw avx512_bf16 amx_bf16 amx_tile"), HasSubstr("AMX"));
  EXPECT_THAT(describe_bfloat16("flags : fpu avx512bw avx512_bf16"), HasSubstr("AVX512-BF16"));
  EXPECT_THAT(describe_bfloat16("flags : fpu avx512bw avx512_vnni"), HasSubstr("widen to float32 in AVX-512"));
  EXPECT_THAT(describe_bfloat16("flags : fpu avx2"), HasSubstr("saves memory and no time"));
  EXPECT_THAT(describe_bfloat16("Features : fp asimd bf16"), HasSubstr("own instructions"));
  EXPECT_THAT(describe_bfloat16("flags : fpu xamx_bf16"), HasSubstr("no bfloat16 unit")) << "whole words count";
}

}  // namespace
}  // namespace wan::runtime
