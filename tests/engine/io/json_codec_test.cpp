#include "engine/io/json_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "engine/base/either.h"
#include "tests/support/usage_error.h"

namespace wan::codec_test {

enum class Colour { red, blue };

const char* to_string(Colour colour) { return colour == Colour::red ? "red" : "blue"; }

struct Part {
  std::string name;
  std::optional<double> size = {};
  bool operator==(const Part&) const = default;
};

struct Whole {
  bool flag = false;
  int small = 0;
  std::uint64_t large = 0;
  Colour colour = Colour::red;
  Parameters parameters = {};
  std::vector<Part> parts = {};
  bool operator==(const Whole&) const = default;
};

void visit_fields(Either<Part> auto& value, auto&& visit) {
  visit("name", value.name);
  visit("size", value.size);
}

void visit_fields(Either<Whole> auto& value, auto&& visit) {
  visit("flag", value.flag);
  visit("small", value.small);
  visit("large", value.large);
  visit("colour", value.colour);
  visit("parameters", value.parameters);
  visit("parts", value.parts);
}

struct Lines : io::JsonFormat {
  void visit(auto& value, auto&& field) const { visit_fields(value, field); }
};

struct Spread : Lines {
  static constexpr bool kFiniteOnly = true;
  template <typename T>
  static constexpr bool kSpread = true;
};

}  // namespace wan::codec_test

template <>
struct wan::io::Words<wan::codec_test::Colour> {
  static constexpr std::array kAll{wan::codec_test::Colour::red, wan::codec_test::Colour::blue};
};

namespace wan::codec_test {
namespace {

using ::testing::HasSubstr;

Whole whole() {
  return {.flag = true,
          .small = -3,
          .large = ~std::uint64_t{0},
          .colour = Colour::blue,
          .parameters = {{"b", true}, {"i", std::int64_t{7}}, {"r", 7.0}, {"t", std::string("x")}},
          .parts = {{.name = "a\"b"}, {.name = "", .size = INFINITY}}};
}

constexpr const char* kLine =
    R"({"flag":true,"small":-3,"large":18446744073709551615,"colour":"blue","parameters":{"b":true,"i":7,"r":7.0,"t":"x"},)"
    R"("parts":[{"name":"a\"b","size":null},{"name":"","size":"inf"}]})";

std::string with(const std::string& from, const std::string& to) {
  std::string text = kLine;
  return text.replace(text.find(from), from.size(), to);
}

TEST(JsonCodec, OneLineAndBack) {
  EXPECT_EQ(io::encode_json(whole(), Lines{}), kLine);
  EXPECT_EQ(io::decode_json<Whole>(kLine, "f", Lines{}), whole());
}

TEST(JsonCodec, SpreadOverLinesAndBack) {
  const std::vector<Part> parts{{.name = "a", .size = 0.5}};
  const std::string text = "[\n {\n  \"name\": \"a\",\n  \"size\": 0.5\n }\n]";
  EXPECT_EQ(io::encode_json(parts, Spread{}), text);
  EXPECT_EQ(io::decode_json<std::vector<Part>>(text, "f", Spread{}), parts);
  EXPECT_EQ(io::encode_json(std::vector<Part>{}, Spread{}), "[]");
}

TEST(JsonCodec, AbsentFieldsKeepNothingOfAnEarlierValue) {
  EXPECT_TRUE(std::isnan(*io::decode_json<Part>(R"({"size":"nan","name":""})", "f", Lines{}).size)) << "in any order";
}

TEST(JsonCodec, NumbersThatAreNoneAreRefusedWhereTheFormatSaysSo) {
  EXPECT_USAGE_ERROR(io::decode_json<Part>(R"({"name":"","size":"inf"})", "f", Spread{}), HasSubstr("f.size: expected a number, found"));
  EXPECT_THROW(io::encode_json(Part{.name = "", .size = NAN}, Spread{}), CheckError);
  EXPECT_THROW(io::encode_json(Part{.name = "", .size = -INFINITY}, Spread{}), CheckError);
}

TEST(JsonCodec, EveryFaultNamesFileAndPlaceAndWhatWasExpected) {
  const std::vector<std::array<std::string, 3>> faults{
      {"true,\"small\"", "1,\"small\"", "f.flag: expected true or false, found number"},
      {"-3", "-3.5", "f.small: expected a whole number, found -3.5"},
      {"-3", "3000000000", "f.small: 3000000000 is out of range"},
      {"18446744073709551615", "-1", "f.large: -1 is out of range"},
      {"\"blue\"", "\"green\"", "f.colour: \"green\" is none of red, blue"},
      {"\"blue\"", "null", "f.colour: expected a text, found null"},
      {"\"i\":7", "\"i\":[]", "f.parameters.i: expected true, false, a number or a text"},
      {"\"i\":7", "\"b\":7", "f.parameters.b: the key 'b' stands twice"},
      {"\"inf\"", "\"infinite\"", "f.parts[1].size: expected a number, \"inf\", \"-inf\" or \"nan\""},
      {"\"inf\"", "1e999", "f.parts[1].size: 1e999 is out of range"},
      {",\"size\":\"inf\"", "", "f.parts[1]: 'size' is missing"},
      {"\"small\"", "\"smell\"", "f.smell: unknown key 'smell'; did you mean 'small'?"},
      {"\"small\"", "\"flag\"", "f.flag: the key 'flag' stands twice"},
      {"]}", "]", "not readable as JSON: the text ends"},
      {"]}", "]}}", "not readable as JSON: something follows"},
  };
  for (const auto& [from, to, expected] : faults)
    EXPECT_USAGE_ERROR(io::decode_json<Whole>(with(from, to), "f", Lines{}, "do this"),
                       AllOf(::testing::StartsWith("f"), HasSubstr(expected), ::testing::EndsWith("; do this")));
}

TEST(JsonCodec, AnotherSchemaIsToldBeforeAnythingElse) {
  constexpr io::JsonSchema kThird{.number = 3, .what = "thing", .instead_of_an_older = "make it anew, or "};
  EXPECT_NO_THROW(io::check_schema(R"({"other":[{}],"schema":3})", "f", kThird));
  EXPECT_USAGE_ERROR(
      io::check_schema(R"({"schema":2})", "f", kThird),
      HasSubstr("f: written with thing schema 2, this program reads schema 3: make it anew, or use the wan-eval that wrote it"));
  EXPECT_USAGE_ERROR(io::check_schema(R"({"schema":4})", "f", kThird), HasSubstr("reads schema 3: use the wan-eval that wrote it"));
  for (const char* none : {"{}", "[3]", R"({"schema":"3"})", R"({"in":{"schema":3}})"})
    EXPECT_USAGE_ERROR(io::check_schema(none, "f", kThird), HasSubstr("f: no thing: it has no \"schema\""));
}

}  // namespace
}  // namespace wan::codec_test
