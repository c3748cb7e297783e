// Thousands of drawn lines in every script against Hugging Face tokenizers and ftfy (tests/data/text/make_lines_golden.py).
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/text/clean.h"
#include "engine/text/tokenizer.h"

namespace wan::text {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

const fs::path kData = fs::path(WAN_TEST_DATA) / "text";

const json& rows_of(const fs::path& folder) {
  static std::map<fs::path, json> read;
  if (!read.contains(folder)) {
    std::ifstream in(folder / "lines_golden.json");
    read[folder] = json::parse(in);
  }
  return read.at(folder);
}

std::vector<std::int64_t> ids_of(const Tokenizer& tokenizer, const std::string& text) {
  auto prompt = tokenizer.encode(text, 512);
  prompt.input_ids.resize(static_cast<std::size_t>(prompt.length));
  return prompt.input_ids;
}

std::string fnv(const std::vector<std::int64_t>& ids) {
  std::uint64_t value = 0xcbf29ce484222325ULL;
  for (const std::int64_t id : ids)
    for (const char c : fmt::format("{},", id)) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return fmt::format("{:016x}", value);
}

// In the tree, and the larger one that make_unigram.py put into this build tree, if somebody ran it.
class LargeVocabulary : public testing::TestWithParam<fs::path> {};

TEST_P(LargeVocabulary, IdsEqualTheReference) {
  if (!fs::exists(GetParam() / "lines_golden.json"))
    GTEST_SKIP() << "make_unigram.py and make_lines_golden.py were not run for " << GetParam();
  const auto tokenizer = Tokenizer::parse(io::JsonValue::read(GetParam() / "tokenizer_unigram.json"));
  const json& rows = rows_of(GetParam());
  ASSERT_GE(rows.size(), 2000U);
  for (const auto& row : rows) EXPECT_EQ(ids_of(tokenizer, row[0]), row[2].get<std::vector<std::int64_t>>()) << row[0];
}

INSTANTIATE_TEST_SUITE_P(Folders, LargeVocabulary, testing::Values(kData, fs::path(WAN_BINARY_DIR) / "tokenizers"),
                         [](const auto& info) { return info.index == 0 ? "Tree" : "Generated"; });

class SmallVocabulary : public testing::TestWithParam<std::pair<const char*, std::size_t>> {};

TEST_P(SmallVocabulary, IdsEqualTheReference) {
  const auto [name, column] = GetParam();
  const auto tokenizer = Tokenizer::parse(io::JsonValue::read(kData / fmt::format("tokenizer_{}.json", name)));
  for (const auto& row : rows_of(kData)) EXPECT_EQ(fnv(ids_of(tokenizer, row[0])), row[column].get<std::string>()) << row[0];
}

INSTANTIATE_TEST_SUITE_P(Files, SmallVocabulary,
                         testing::Values(std::pair{"two_experts", 3U}, std::pair{"single_expert", 4U}, std::pair{"ti2v", 5U}),
                         [](const auto& info) { return std::string(info.param.first); });

TEST(CleanPrompt, EqualsTheReferenceOnDrawnLines) {
  for (const auto& row : rows_of(kData)) EXPECT_EQ(clean_prompt(row[0].get<std::string>()), row[1].is_null() ? row[0] : row[1]) << row[0];
}

}  // namespace
}  // namespace wan::text
