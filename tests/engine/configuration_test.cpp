#include "engine/configuration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "engine/base/error.h"
#include "engine/generator.h"

namespace wan {
namespace {

using ::testing::HasSubstr;
using Choices = std::vector<OptimizationChoice>;

TEST(Catalogue, EntriesCarryTheirFileNameAndDescribeThemselves) {
  std::set<std::string> ids;
  for (const Optimization* entry : optimizations::catalogue()) {
    EXPECT_TRUE(ids.insert(entry->info.id).second) << entry->info.id;
    EXPECT_FALSE(entry->info.summary.empty()) << entry->info.id;
    EXPECT_TRUE(check_parameters(entry->info.parameters, resolve_parameters(entry->info.parameters, {}, entry->info.id)).empty())
        << entry->info.id;
    EXPECT_TRUE(std::filesystem::exists(std::filesystem::path(WAN_SOURCE_DIR) / "engine/optimizations" / (entry->info.id + ".cpp")))
        << entry->info.id;
    if (entry->info.kind == OptimizationClass::equivalent && !entry->info.seams.empty()) {
      EXPECT_GT(entry->info.max_relative_l2, 0) << entry->info.id;
    }
  }
  EXPECT_GE(ids.size(), 11U);
}

TEST(CheckConfiguration, NamesTheNearestKnownId) {
  EXPECT_THAT(check_configuration(Choices{{.id = "fp8_liner"}}), HasSubstr("did you mean 'fp8_linear'?"));
  EXPECT_THAT(check_configuration(Choices{{.id = "zzz"}}), HasSubstr("there are bf16_twin"));
}

TEST(CheckConfiguration, RefusesBadParametersTwinsAndClashes) {
  EXPECT_THAT(check_configuration(Choices{{.id = "fp8_linear", .parameters = {{"scope", std::string("everything")}}}}),
              HasSubstr("ffn, ffn_cross, full"));
  EXPECT_THAT(check_configuration(Choices{{.id = "tf32"}, {.id = "tf32"}}), HasSubstr("twice"));
  EXPECT_EQ(check_configuration(Choices{{.id = "fp8_linear"}, {.id = "int8_linear", .parameters = {{"scope", std::string("rest")}}}}), "");
}

TEST(ApplyConfiguration, RecordsFallbacksAndMakesThemErrorsUnderStrict) {
  const Choices phase0 = {{.id = "fa2"}, {.id = "reduce_overhead"}, {.id = "tf32"}, {.id = "direct_load"}};
  const auto applied = apply_configuration(phase0, {.kind = "cpu", .blocks = 4});
  EXPECT_EQ(applied.fallbacks.size(), 4U);
  EXPECT_THAT(applied.fallbacks[0], HasSubstr("fa2: FlashAttention-2 needs a CUDA device"));
  EXPECT_THROW(apply_configuration(phase0, {.kind = "cpu", .blocks = 4, .strict = true}), UsageError);
}

TEST(ApplyConfiguration, SaysWhatIsEmulated) {
  EXPECT_EQ(apply_configuration(Choices{{.id = "fp8_linear"}}, {.kind = "cpu", .blocks = 4}).emulations.size(), 1U);
  EXPECT_TRUE(apply_configuration(Choices{{.id = "int8_linear"}}, {.kind = "cpu", .blocks = 4}).emulations.empty());
}

}  // namespace
}  // namespace wan
