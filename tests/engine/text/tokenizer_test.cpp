#include "engine/text/tokenizer.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/base/error.h"
#include "engine/runtime/tensor.h"
#include "engine/text/clean.h"
#include "tests/support/engine/tensors.h"

namespace wan::text {
namespace {

using nlohmann::json;

const std::filesystem::path kData = std::filesystem::path(WAN_TEST_DATA) / "text";
constexpr std::int64_t kLength = 512;

json read_json(const std::filesystem::path& path) {
  std::ifstream in(path);
  return json::parse(in);
}

const json& golden() {
  static const json kGolden = read_json(kData / "tokenizer_golden.json");
  return kGolden;
}

json two_experts() { return read_json(kData / "tokenizer_two_experts.json"); }

Tokenizer parse(const json& document) { return Tokenizer::parse(io::JsonValue::parse(document.dump(), "tokenizer.json")); }

std::vector<std::int64_t> ids_of(const Tokenizer& tokenizer, const std::string& text) {
  auto prompt = tokenizer.encode(text, kLength);
  prompt.input_ids.resize(static_cast<std::size_t>(prompt.length));
  return prompt.input_ids;
}

void expect_cases(const Tokenizer& tokenizer, const json& cases) {
  ASSERT_GT(cases.size(), 30u);
  for (const auto& line : cases)
    EXPECT_EQ(ids_of(tokenizer, line[0].get<std::string>()), line[1].get<std::vector<std::int64_t>>()) << "'" << line[0] << "'";
}

class TokenizerGolden : public testing::TestWithParam<const char*> {};

TEST_P(TokenizerGolden, EqualsTheReference) {
  const std::string name = GetParam();
  expect_cases(Tokenizer::parse(io::JsonValue::read(kData / ("tokenizer_" + name + ".json"))), golden().at("whole").at(name));
}

INSTANTIATE_TEST_SUITE_P(Files, TokenizerGolden, testing::Values("two_experts", "single_expert", "ti2v"),
                         [](const auto& info) { return std::string(info.param); });

TEST(Tokenizer, EveryComponentEqualsTheReference) {
  ASSERT_GT(golden().at("variants").size(), 20u);
  for (const auto& variant : golden().at("variants")) {
    SCOPED_TRACE(variant.at("patch").dump());
    json document = two_experts();
    document.update(variant.at("patch"));
    expect_cases(parse(document), variant.at("cases"));
  }
}

class TokenizerOracle : public testing::TestWithParam<const char*> {};

TEST_P(TokenizerOracle, CleansAndEncodesItsCases) {
  const auto root = test::oracle_case(GetParam());
  if (root.empty()) GTEST_SKIP() << "oracle case " << GetParam() << " is not here";
  const auto tokenizer = Tokenizer::load(root / "diffusers" / "tokenizer");
  const json oracle = read_json(root / "case.json");
  ASSERT_GT(oracle.at("tokenizer_cases").size(), 10u);
  for (const auto& line : oracle.at("tokenizer_cases")) {
    const std::string cleaned = clean_prompt(line.at("text").get<std::string>());
    EXPECT_EQ(cleaned, line.at("cleaned"));
    EXPECT_EQ(ids_of(tokenizer, cleaned), line.at("input_ids").get<std::vector<std::int64_t>>()) << "'" << cleaned << "'";
  }
  for (const auto& [prompt, prefix] : {std::pair{"prompt", ""}, {"negative_prompt", "negative_"}}) {
    const auto encoded = tokenizer.encode(clean_prompt(oracle.at(prompt).get<std::string>()), kLength);
    const auto expected = [&](const std::string& name) {
      const at::Tensor values = test::read_tensor(root / "expected.safetensors", prefix + name).to(at::kLong).contiguous();
      return std::vector<std::int64_t>(values.const_data_ptr<std::int64_t>(), values.const_data_ptr<std::int64_t>() + values.numel());
    };
    EXPECT_EQ(encoded.input_ids, expected("input_ids"));
    EXPECT_EQ(encoded.attention_mask, expected("attention_mask"));
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, TokenizerOracle, testing::Values("t2v_two_experts_dev", "t2v_single_expert_dev", "ti2v_dev"),
                         [](const auto& info) { return std::string(info.param); });

TEST(Tokenizer, EmptyPromptIsItsEndAlone) {
  const auto prompt = parse(two_experts()).encode("", kLength);
  EXPECT_EQ(prompt.length, 1);
  EXPECT_EQ(prompt.input_ids[0], 1);
  EXPECT_EQ(prompt.input_ids.size(), 512u);
  EXPECT_EQ(std::count(prompt.attention_mask.begin(), prompt.attention_mask.end(), 1), 1);
  EXPECT_TRUE(prompt.warning().empty());
}

TEST(Tokenizer, CutsALongPromptBeforeItsEndAndSaysSo) {
  const auto tokenizer = parse(two_experts());
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "a ";
  const auto prompt = tokenizer.encode(text, kLength);
  EXPECT_TRUE(prompt.truncated());
  EXPECT_EQ(prompt.prompt_tokens, 5001);
  EXPECT_EQ(prompt.length, 512);
  EXPECT_EQ(prompt.input_ids.back(), 1);
  EXPECT_EQ(prompt.input_ids[510], tokenizer.tokens("a").front());
  EXPECT_NE(prompt.warning().find("5001"), std::string::npos);
  text.resize(2 * 511);
  EXPECT_FALSE(tokenizer.encode(text, kLength).truncated());
}

// What a message must name, for a file with one component spoilt.
struct Spoilt {
  const char* pointer;
  json value;
  const char* named;
};

TEST(Tokenizer, NamesTheComponentItCannotUse) {
  const std::vector<Spoilt> cases = {
      {"/model/type", "BPE", "BPE"},
      {"/model/unk_id", 243, "unk_id"},
      {"/model/unk_id", nullptr, "unk_id"},
      {"/model/unk_id", -1, "unk_id"},
      {"/model/vocab", json::array(), "vocab"},
      {"/model/vocab", 7, "vocab"},
      {"/model/vocab/5", "lonely", "vocab[5]"},
      {"/model/vocab/5", json::array({"no score"}), "vocab[5]"},
      {"/model/vocab/5/1", "high", "vocab[5]"},
      {"/model", json::object(), "vocab"},
      {"/normalizer", {{"type", "BertNormalizer"}}, "BertNormalizer"},
      {"/normalizer/normalizers/2/pattern/Regex", "[ab]+", "[ab]+"},
      {"/normalizer/normalizers/2/pattern/Regex", " {2,", " {2,"},
      {"/normalizer/normalizers/2/pattern/Regex", " {0,}", " {0,}"},
      {"/normalizer/normalizers/2/pattern/Regex", " {,}", " {,}"},
      {"/normalizer/normalizers/1/strip_left", 1, "strip_left"},
      {"/normalizer/normalizers/0/precompiled_charsmap", "not base 64!", "precompiled_charsmap"},
      {"/normalizer/normalizers/0/precompiled_charsmap", "", "precompiled_charsmap"},
      {"/normalizer/normalizers/0/precompiled_charsmap", "/////w==", "precompiled_charsmap"},
      {"/normalizer/normalizers/0/precompiled_charsmap", nullptr, "precompiled_charsmap"},
      {"/pre_tokenizer", {{"type", "ByteLevel"}}, "ByteLevel"},
      {"/pre_tokenizer/prepend_scheme", "sometimes", "sometimes"},
      {"/pre_tokenizer/replacement", "", "replacement"},
      {"/post_processor", {{"type", "RobertaProcessing"}}, "RobertaProcessing"},
      {"/post_processor/single", json::array(), "single"},
      {"/post_processor/special_tokens", json::object(), "</s>"},
      {"/added_tokens/0/content", "", "added_tokens[0]"},
      {"/added_tokens/0/id", -1, "added_tokens[0]"},
      {"/added_tokens", "none", "added_tokens"},
  };
  for (const auto& [pointer, value, named] : cases) {
    json document = two_experts();
    document[json::json_pointer(pointer)] = value;
    try {
      parse(document);
      ADD_FAILURE() << "accepted " << pointer << " = " << value;
    } catch (const UsageError& error) {
      const std::string message = error.what();
      EXPECT_NE(message.find("tokenizer.json"), std::string::npos) << message;
      EXPECT_NE(message.find(named), std::string::npos) << message << " does not name " << named;
    }
  }
}

TEST(Tokenizer, RefusesChainsWithoutEnd) {
  json chain = {{"type", "Strip"}, {"strip_left", true}, {"strip_right", true}};
  for (int i = 0; i < 200; ++i) chain = {{"type", "Sequence"}, {"normalizers", json::array({chain})}};
  json document = two_experts();
  document["normalizer"] = chain;
  EXPECT_THROW(parse(document), UsageError);
}

// A trie whose offsets lead out of the array must find nothing, and not read there.
TEST(Tokenizer, StaysInsideAHostileCharacterMap) {
  json document = two_experts();
  for (const char* map : {"BAAAAP////8=", "CAAAAAD8//9h/f//", "CAAAAAAAAABh/f//", "BAAAAAABAAA="}) {
    document["normalizer"] = {{"type", "Precompiled"}, {"precompiled_charsmap", map}};
    EXPECT_NO_THROW(parse(document).tokens("a b \u00e9 \u00bd e\u0301")) << map;
  }
}

}  // namespace
}  // namespace wan::text
