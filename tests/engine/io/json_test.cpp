#include "engine/io/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temporary_folder.h"
#include "tests/support/usage_error.h"

namespace wan::io {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

JsonValue parse(const std::string& text) { return JsonValue::parse(text, "config.json"); }

TEST(JsonValue, ReadsTypedMembers) {
  const JsonValue v =
      parse(R"({"n": 3, "x": 0.5, "on": true, "name": "wan", "sizes": [1, 2], "weights": [1, 0.5], "none": null, "in": {"a": -7}})");
  EXPECT_EQ(v.at("n").as_int(), 3);
  EXPECT_EQ(v.at("x").as_double(), 0.5);
  EXPECT_EQ(v.at("n").as_double(), 3.0);
  EXPECT_TRUE(v.at("on").as_bool());
  EXPECT_EQ(v.at("name").as_string(), "wan");
  EXPECT_THAT(v.at("sizes").as_ints(), ElementsAre(1, 2));
  EXPECT_THAT(v.at("weights").as_doubles(), ElementsAre(1.0, 0.5));
  EXPECT_EQ(v.at("in").at("a").as_int(), -7);
  EXPECT_THAT(v.at("in").keys(), ElementsAre("a"));
  EXPECT_TRUE(v.at("none").is_null());
}

TEST(JsonValue, DefaultsStandInForAbsentAndNullMembers) {
  const JsonValue v = parse(R"({"none": null, "n": 3})");
  EXPECT_FALSE(v.has("none"));
  EXPECT_EQ(v.get("none", std::int64_t{5}), 5);
  EXPECT_EQ(v.get("absent", 0.25), 0.25);
  EXPECT_EQ(v.get("absent", true), true);
  EXPECT_EQ(v.get("absent", "text"), "text");
  EXPECT_EQ(v.get("n", std::int64_t{5}), 3);
  EXPECT_USAGE_ERROR(v.get("n", "text"), HasSubstr("n"));
}

TEST(JsonValue, ErrorsNameFileAndPath) {
  const JsonValue v = parse(R"({"model": {"dims": [1, "two"]}})");
  EXPECT_USAGE_ERROR(v.at("model").at("dims").as_ints(), HasSubstr("config.json: model.dims[1]"));
  EXPECT_USAGE_ERROR(v.at("model").at("depth"), AllOf(HasSubstr("config.json: model"), HasSubstr("'depth'")));
  EXPECT_USAGE_ERROR(v.at("model").at("dims").at(2), HasSubstr("entry 2"));
  EXPECT_USAGE_ERROR(v.at("model").at(std::size_t{0}), HasSubstr("entry 0"));
}

TEST(JsonValue, WrongTypesAreRefused) {
  const JsonValue v = parse(R"({"big": 18446744073709551615, "x": 1.5, "text": "1"})");
  EXPECT_USAGE_ERROR(v.at("big").as_int(), HasSubstr("big"));
  EXPECT_USAGE_ERROR(v.at("x").as_int(), HasSubstr("integer"));
  EXPECT_USAGE_ERROR(v.at("text").as_double(), HasSubstr("number"));
  EXPECT_USAGE_ERROR(v.at("x").as_bool(), HasSubstr("true or false"));
  EXPECT_USAGE_ERROR(v.at("x").as_string(), HasSubstr("text"));
  EXPECT_USAGE_ERROR(v.at("x").as_ints(), HasSubstr("list"));
  EXPECT_USAGE_ERROR(v.at("x").at("y"), HasSubstr("'y'"));
}

TEST(JsonValue, BadTextNamesTheLine) {
  EXPECT_USAGE_ERROR(parse("{\n\"a\": 1,\n}"), AllOf(HasSubstr("config.json"), HasSubstr("line 3")));
  for (const char* text : {"", "{", "[1,]", "{\"a\":1e999}", "\"\xff\"", "{} {}", "nul"}) EXPECT_THROW(parse(text), UsageError) << text;
}

TEST(JsonValue, DeepNestingIsRefusedBeforeParsing) {
  EXPECT_USAGE_ERROR(parse(std::string(5'000'000, '[')), HasSubstr("nested"));
  EXPECT_NO_THROW(parse(std::string(100, '[') + std::string(100, ']')));
  EXPECT_NO_THROW(parse("\"" + std::string(1000, '[') + "\\\"" + std::string(1000, '{') + "\"")) << "brackets in text are no nesting";
}

TEST(JsonValue, ReadsFilesAndOutlivesItsRoot) {
  const wan::testing::TemporaryFolder folder;
  std::ofstream(folder / "c.json") << R"({"a": {"b": 4}})";
  const JsonValue inner = JsonValue::read(folder / "c.json").at("a");
  EXPECT_EQ(inner.at("b").as_int(), 4);
  EXPECT_USAGE_ERROR(JsonValue::read(folder / "absent.json"), HasSubstr("absent.json"));
  EXPECT_USAGE_ERROR(JsonValue::read(folder.path()), HasSubstr("regular file"));
}

}  // namespace
}  // namespace wan::io
