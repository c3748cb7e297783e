#include "engine/text/clean.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/base/error.h"
#include "engine/base/sha256.h"
#include "engine/io/json.h"
#include "engine/text/default_prompt.h"

namespace wan::text {
namespace {

const std::filesystem::path kData = std::filesystem::path(WAN_TEST_DATA) / "text";

// Every group of the golden file is one test, so that a failure names the kind of cleaning that broke.
class CleanGolden : public testing::TestWithParam<const char*> {};

TEST_P(CleanGolden, EqualsTheReference) {
  const auto group = io::JsonValue::read(kData / "clean_golden.json").at(GetParam());
  ASSERT_GT(group.size(), 30u);
  for (std::size_t i = 0; i < group.size(); ++i) {
    const auto line = group.at(i);
    EXPECT_EQ(clean_prompt(line.at(0).as_string()), line.at(1).as_string()) << "from: " << line.at(0).as_string();
  }
}

INSTANTIATE_TEST_SUITE_P(Groups, CleanGolden, testing::Values("prompts", "languages", "symbols", "html", "innocent", "mojibake"),
                         [](const auto& info) { return std::string(info.param); });

TEST(CleanPrompt, IsDoneAfterOnePassOnOrdinaryText) {
  const auto group = io::JsonValue::read(kData / "clean_golden.json").at("languages");
  for (std::size_t i = 0; i < group.size(); ++i) {
    const std::string cleaned = clean_prompt(group.at(i).at(0).as_string());
    EXPECT_EQ(clean_prompt(cleaned), cleaned);
  }
}

TEST(CleanPrompt, FoldsTheFullWidthCommasOfTheDefaultNegativePrompt) {
  const std::string cleaned = clean_prompt(kDefaultNegativePrompt);
  EXPECT_EQ(cleaned.find("，"), std::string::npos);
  EXPECT_EQ(std::ranges::count(cleaned, ','), 27);
  EXPECT_TRUE(cleaned.starts_with("色调艳丽,过曝,静态,"));
}

TEST(DefaultNegativePrompt, IsTheOfficialText) {
  EXPECT_EQ(kDefaultNegativePrompt.size(), 403u);
  EXPECT_EQ(sha256_hex(kDefaultNegativePrompt), "ce96e0324e4b54ce4b6e867f669ca520952e1a34cc116543516b1897f0d3c47e");
}

TEST(CleanPrompt, RefusesBytesThatAreNoUtf8) {
  for (const char* bytes : {"caf\xe9", "\xc0\x80", "\xed\xa0\x80", "abc\xf0\x9f\x90", "\xff", "\xf4\x90\x80\x80"})
    EXPECT_THROW(clean_prompt(bytes), UsageError) << bytes;
}

TEST(CleanPrompt, DropsZeroBytes) { EXPECT_EQ(clean_prompt(std::string("a\0b\0", 4)), "ab"); }

// Each pass takes one layer off; the loop must end.
TEST(CleanPrompt, EndsOnTextThatWasEscapedManyTimes) {
  std::string nested = "x &";
  for (int i = 0; i < 200; ++i) nested += "amp;";
  EXPECT_EQ(clean_prompt(nested), "x &");
}

}  // namespace
}  // namespace wan::text
