#include "engine/base/parameter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/usage_error.h"

namespace wan {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::vector<ParameterInfo> kTable = {
    {.name = "threshold", .help = "", .default_value = 0.2, .minimum = 0.0, .maximum = 1.0},
    {.name = "steps", .help = "", .default_value = std::int64_t{4}, .minimum = 1.0},
    {.name = "granularity", .help = "", .default_value = std::string("per_row"), .choices = {"per_row", "per_tensor"}},
    {.name = "label", .help = "", .default_value = std::string()},
    {.name = "on", .help = "", .default_value = true},
};

std::vector<std::string> faults(const Parameters& given) { return check_parameters(kTable, given); }

TEST(Parameters, GoodValuesHaveNoFaultsAndBoundsAreInclusive) {
  EXPECT_THAT(faults({}), IsEmpty());
  EXPECT_THAT(faults({{"threshold", 0.0},
                      {"steps", std::int64_t{1}},
                      {"granularity", std::string("per_tensor")},
                      {"label", std::string("x")},
                      {"on", false}}),
              IsEmpty());
  EXPECT_THAT(faults({{"threshold", 1.0}}), IsEmpty());
  EXPECT_THAT(faults({{"threshold", std::int64_t{1}}}), IsEmpty()) << "an integer where a number is wanted";
}

TEST(Parameters, EveryFaultIsToldAtOnce) {
  EXPECT_THAT(faults({{"threshold", 1.5}, {"steps", std::int64_t{0}}, {"granularity", std::string("per_cow")}, {"on", std::string("yes")}}),
              ::testing::UnorderedElementsAre(AllOf(HasSubstr("'threshold'"), HasSubstr("[0, 1]"), HasSubstr("1.5")),
                                              AllOf(HasSubstr("'steps'"), HasSubstr("[1, inf]")),
                                              AllOf(HasSubstr("'granularity'"), HasSubstr("per_row, per_tensor"), HasSubstr("per_cow")),
                                              AllOf(HasSubstr("'on'"), HasSubstr("true or false"), HasSubstr("yes"))));
}

TEST(Parameters, WrongTypesAndNotANumberAreFaults) {
  EXPECT_THAT(faults({{"steps", 2.0}}), ElementsAre(HasSubstr("an integer")));
  EXPECT_THAT(faults({{"threshold", std::string("0.5")}}), ElementsAre(HasSubstr("a number")));
  EXPECT_THAT(faults({{"threshold", true}}), ElementsAre(HasSubstr("a number")));
  EXPECT_THAT(faults({{"threshold", std::nan("")}}), ElementsAre(HasSubstr("[0, 1]"))) << "NaN lies in no range";
}

TEST(Parameters, UnknownNamesComeWithTheNearest) {
  EXPECT_THAT(faults({{"treshold", 0.5}}), ElementsAre(AllOf(HasSubstr("'treshold'"), HasSubstr("did you mean 'threshold'"))));
  EXPECT_THAT(faults({{"colour", 0.5}}), ElementsAre(HasSubstr("it takes threshold, steps, granularity, label, on")));
  EXPECT_THAT(check_parameters({}, {{"x", true}}), ElementsAre(HasSubstr("it takes none")));
}

TEST(Parameters, ResolvingFillsDefaultsAndNamesTheOwner) {
  const Parameters resolved = resolve_parameters(kTable, {{"threshold", std::int64_t{1}}}, "cache_steps");
  EXPECT_EQ(resolved.size(), kTable.size());
  EXPECT_EQ(get_number(resolved, "threshold"), 1.0);
  EXPECT_EQ(get_int(resolved, "steps"), 4);
  EXPECT_EQ(get_text(resolved, "granularity"), "per_row");
  EXPECT_TRUE(get_bool(resolved, "on"));
  EXPECT_USAGE_ERROR(resolve_parameters(kTable, {{"threshold", 2.0}, {"steps", 0.5}}, "cache_steps"),
                     AllOf(HasSubstr("cache_steps"), HasSubstr("'threshold'"), HasSubstr("'steps'")));
  EXPECT_THROW(get_int(resolved, "threshold"), CheckError);
  EXPECT_THROW(get_int(resolved, "absent"), CheckError);
}

TEST(Parameters, ValuesPrintAsInAConfig) {
  EXPECT_EQ(to_string(ParameterValue(true)), "true");
  EXPECT_EQ(to_string(ParameterValue(std::int64_t{3})), "3");
  EXPECT_EQ(to_string(ParameterValue(0.5)), "0.5");
  EXPECT_EQ(to_string(ParameterValue(std::string("per_row"))), "per_row");
}

TEST(NearestWord, FindsWhatWasMeantAndNothingElse) {
  const std::vector<std::string> words = {"threshold", "steps", "granularity"};
  EXPECT_EQ(nearest_word("threshhold", words), "threshold");
  EXPECT_EQ(nearest_word("step", words), "steps");
  EXPECT_EQ(nearest_word("granualrity", words), "granularity") << "two substitutions";
  EXPECT_EQ(nearest_word("steps", words), "steps");
  EXPECT_EQ(nearest_word("colour", words), "");
  EXPECT_EQ(nearest_word("", words), "");
  EXPECT_EQ(nearest_word("x", {}), "");
}

}  // namespace
}  // namespace wan
