#include "engine/text/sentencepiece.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/io/mapped_file.h"
#include "engine/text/default_prompt.h"
#include "engine/text/tokenizer.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/usage_error.h"

namespace wan::text {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;

const std::filesystem::path kData = std::filesystem::path(WAN_TEST_DATA) / "text";

json read_json(const std::string& name) {
  std::ifstream in(kData / name);
  return json::parse(in);
}

std::string read_model(const std::string& name) {
  const auto file = io::map_file(kData / ("spiece_" + name + ".model"));
  return {reinterpret_cast<const char*>(file.bytes.data()), file.bytes.size()};
}

Tokenizer tokenizer_of(const std::string& model, std::int64_t extra_ids = 8) {
  return Tokenizer::parse_sentencepiece(std::as_bytes(std::span(model)), {.extra_ids = extra_ids}, "x/spiece.model");
}

class SentencePiece : public ::testing::TestWithParam<const char*> {};

// Both files of the same tokenizer, as they stand side by side in a checkpoint. The converter writes byte_fallback false whatever the model
// says (wan.md, last section, 6), so a tokenizer.json in which somebody set it to true is compared with it set back.
TEST_P(SentencePiece, GivesTheIdsOfTokenizerJson) {
  const std::string name = GetParam();
  json document = read_json("tokenizer_" + name + ".json");
  document["model"]["byte_fallback"] = false;
  const auto expected = Tokenizer::parse(io::JsonValue::parse(document.dump(), "tokenizer.json"));
  const auto actual = tokenizer_of(read_model(name));
  const json golden = read_json("tokenizer_golden.json");
  std::vector<std::string> lines = {std::string(kDefaultNegativePrompt), "", "<unk> <s>a</s><pad>", "▁ <extra_id_7>x <extra_id_8>"};
  for (const auto& [other, cases] : golden.at("whole").items())
    for (const auto& line : cases) lines.push_back(line[0]);
  ASSERT_GT(lines.size(), 500U);
  for (const std::string& line : lines) EXPECT_EQ(actual.encode(line, 512).input_ids, expected.encode(line, 512).input_ids) << line;
}

INSTANTIATE_TEST_SUITE_P(Files, SentencePiece, ::testing::Values("two_experts", "single_expert", "ti2v"),
                         [](const auto& info) { return std::string(info.param); });

TEST(SentencePieceFile, StandsInForAMissingTokenizerJson) {
  wan::testing::TemporaryFolder folder;
  EXPECT_USAGE_ERROR(Tokenizer::load(folder.path()), HasSubstr("neither tokenizer.json nor spiece.model"));
  std::filesystem::copy(kData / "spiece_two_experts.model", folder / "spiece.model");
  std::ofstream(folder / "tokenizer_config.json") << R"({"extra_ids": 8})";
  EXPECT_EQ(Tokenizer::load(folder.path()).tokens("<extra_id_0>"), (std::vector<std::int64_t>{242}));
  std::filesystem::remove(folder / "tokenizer_config.json");  // UMT5's 300 then: <extra_id_299> is the first behind 235 pieces
  EXPECT_EQ(Tokenizer::load(folder.path()).tokens("<extra_id_299><extra_id_0>"), (std::vector<std::int64_t>{235, 534}));
}

// Protocol buffers in one line each: fields of up to 127 bytes.
std::string field(int id, const std::string& bytes) {
  return std::string(1, static_cast<char>(id << 3 | 2)) + static_cast<char>(bytes.size()) + bytes;
}
std::string number(int id, int value) { return std::string(1, static_cast<char>(id << 3)) + static_cast<char>(value); }
std::string piece(const std::string& text, int type) { return field(1, field(1, text) + number(3, type)); }

TEST(SentencePieceFile, NamesWhatItCannotUse) {
  const std::string end = piece("</s>", 3), unknown = piece("<unk>", 2);
  const auto refused = [](const std::string& model, const std::string& why) {
    EXPECT_USAGE_ERROR(tokenizer_of(model), AllOf(HasSubstr("x/spiece.model"), HasSubstr(why)));
  };
  EXPECT_EQ(tokenizer_of(unknown + end + piece("▁a", 1)).tokens("a"), (std::vector<std::int64_t>{2}));
  refused(unknown, "</s>");
  refused("", "</s>");
  refused(unknown + end + field(2, number(3, 2)), "model type 2");
  refused(unknown + end + field(2, "\xC0\x02\x63"), "unk_id");  // field 40: the unknown piece would be the 99th
  refused(unknown + end + field(1, field(1, "\xFF")), "piece 2: is not UTF-8");
  refused(unknown + end + field(1, field(1, "a") + "\x15" + std::string("\x00\x00\xC0\x7F", 4)), "not finite");
  refused(unknown + end + number(1, 7), "field 1: expected bytes");
  refused(unknown + end + field(3, field(2, "no map")), "precompiled_charsmap");
  refused("{\"model\": {}}", "protocol buffer");
  EXPECT_USAGE_ERROR(tokenizer_of(unknown + end, 1 << 20), HasSubstr("1048576 extra tokens"));
  EXPECT_USAGE_ERROR(tokenizer_of(unknown + end, -1), HasSubstr("-1 extra tokens"));
}

TEST(SentencePieceFile, AnyTruncationIsAnErrorOrATokenizer) {
  const std::string whole = read_model("two_experts");
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    try {
      tokenizer_of(whole.substr(0, size)).tokens("A red fox ½");
    } catch (const UsageError&) {
    }
  }
}

}  // namespace
}  // namespace wan::text
