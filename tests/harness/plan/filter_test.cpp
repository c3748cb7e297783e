#include "harness/plan/filter.h"

#include <gtest/gtest.h>

#include "engine/base/error.h"

namespace wan::plan {
namespace {

const Subject kSubject{.configuration = "fp8_ffn", .prompt = "cat_on_chair", .category = "simple_scenes", .seed = 42};

TEST(Filter, MatchesWordsWithOperators) {
  for (const char* text : {"", "  ", "fp8", "FP8_FFN", "chair", "SIMPLE", "42", "fp8 and cat", "dog or cat", "not dog", "not not cat",
                           "fp8 and not (dog or 123)", "((cat))", "dog and cat or fp8", "fp8 or cat and dog", "not dog and not 4"})
    EXPECT_TRUE(Filter(text).matches(kSubject)) << text;
  for (const char* text : {"int8", "dog", "not fp8", "4", "4242", "fp8 and dog", "(fp8 or cat) and dog", "not (cat or dog)"})
    EXPECT_FALSE(Filter(text).matches(kSubject)) << text;
}

// Otherwise `fp8` would be taken for a part of neither and `ffn cat` would match across the border of two names.
TEST(Filter, WordsDoNotReachAcrossNames) { EXPECT_FALSE(Filter("ffncat").matches(kSubject)); }

TEST(Filter, FaultsNameTheColumn) {
  const std::pair<const char*, const char*> cases[] = {{"cat and", "column 8: a word is missing at the end"},
                                                       {"and cat", "column 1: expected a word, got 'and'"},
                                                       {"cat dog", "column 5: expected 'and', 'or' or the end, got 'dog'"},
                                                       {"(cat", "column 5: a ')' is missing"},
                                                       {"cat)", "column 4: expected 'and', 'or' or the end, got ')'"},
                                                       {"()", "column 2: expected a word, got ')'"},
                                                       {"not", "column 4: a word is missing at the end"}};
  for (const auto& [text, message] : cases) {
    try {
      Filter filter(text);
      ADD_FAILURE() << text << " was accepted";
    } catch (const UsageError& error) {
      EXPECT_NE(std::string(error.what()).find(message), std::string::npos) << error.what();
    }
  }
}

TEST(Filter, DeepNestingIsAFaultNotACrash) {
  EXPECT_THROW(Filter(std::string(100000, '(')), UsageError);
  std::string many;
  for (int i = 0; i < 100000; ++i) many += "not ";
  EXPECT_TRUE(Filter(many + "cat").matches(kSubject));
}

}  // namespace
}  // namespace wan::plan
