#include "engine/base/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wan {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Check, SaysWhatWasExpectedAndWhereWithoutTheBuildMachinesPath) {
  const int got = 3;
  try {
    WAN_CHECK(got == 4, "expected {} got {}", 4, got);
    FAIL() << "no error";
  } catch (const CheckError& e) {
    EXPECT_THAT(e.what(), AllOf(HasSubstr("expected 4 got 3"), HasSubstr("got == 4"), HasSubstr("engine/base/error_test.cpp:"),
                                Not(HasSubstr(WAN_SOURCE_DIR))));
  }
}

TEST(Check, MessageIsBuiltOnlyOnFailureAndTheConditionOnce) {
  int conditions = 0, messages = 0;
  const auto message = [&] { return ++messages; };
  WAN_CHECK(++conditions == 1, "{}", message());
  EXPECT_EQ(conditions, 1);
  EXPECT_EQ(messages, 0);
  EXPECT_THROW(WAN_CHECK(++conditions == 1, "{}", message()), CheckError);
  EXPECT_EQ(messages, 1);
}

TEST(Errors, TypesTellThemApart) {
  const FatalCudaError fatal(700, "context lost");
  EXPECT_EQ(static_cast<const CudaError&>(fatal).code(), 700);
  EXPECT_THROW(throw FatalCudaError(1, ""), CudaError);
  EXPECT_FALSE((std::is_base_of_v<CheckError, UsageError>));
}

}  // namespace
}  // namespace wan
