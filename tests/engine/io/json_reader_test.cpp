#include "engine/io/json_reader.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "engine/base/error.h"
#include "engine/io/json.h"
#include "engine/io/json_writer.h"

namespace wan::io {
namespace {

std::string fault_of(const std::string& text) {
  try {
    JsonReader in(text, "file");
    in.skip();
    in.finish();
  } catch (const UsageError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(JsonReader, ReadsValuesInTheirOrder) {
  JsonReader in(R"( {"a": [1, -2, 3.5e2, "x\n\u00e9\ud83d\ude00"], "b": {}, "c": null, "d": true, "e": 18446744073709551615} )", "file");
  std::string_view key;
  in.begin_object();
  ASSERT_TRUE(in.next_key(key));
  EXPECT_EQ(key, "a");
  in.begin_array();
  ASSERT_TRUE(in.next_element());
  EXPECT_TRUE(in.at_whole_number());
  EXPECT_EQ(in.read_int(), 1);
  ASSERT_TRUE(in.next_element());
  EXPECT_EQ(in.read_int(), -2);
  ASSERT_TRUE(in.next_element());
  EXPECT_FALSE(in.at_whole_number());
  EXPECT_EQ(in.read_double(), 350);
  EXPECT_EQ(in.where(), "file.a[2]");
  ASSERT_TRUE(in.next_element());
  EXPECT_EQ(in.read_string(), "x\n\xC3\xA9\xF0\x9F\x98\x80");
  EXPECT_FALSE(in.next_element());
  ASSERT_TRUE(in.next_key(key));
  in.begin_object();
  EXPECT_FALSE(in.next_key(key));
  ASSERT_TRUE(in.next_key(key));
  in.read_null();
  ASSERT_TRUE(in.next_key(key));
  EXPECT_TRUE(in.read_bool());
  ASSERT_TRUE(in.next_key(key));
  EXPECT_EQ(in.read_unsigned(), std::numeric_limits<std::uint64_t>::max());
  EXPECT_FALSE(in.next_key(key));
  in.finish();
}

TEST(JsonReader, RefusesWhatIsNoJson) {
  for (const char* text : {"",
                           " ",
                           "{",
                           "[",
                           "[1",
                           "[1,",
                           "[1,]",
                           "[,1]",
                           "{\"a\"}",
                           "{\"a\":}",
                           "{\"a\":1,}",
                           "{a:1}",
                           "{1:1}",
                           "nul",
                           "tru",
                           "True",
                           "01",
                           "-",
                           "+1",
                           "1.",
                           ".5",
                           "1e",
                           "1e+",
                           "0x1",
                           "NaN",
                           "Infinity",
                           "\"",
                           "\"\\",
                           "\"\\x\"",
                           "\"\\u12\"",
                           "\"\\ud800\"",
                           "\"\\udc00\"",
                           "\"\\ud800\\u0041\"",
                           "\"\n\"",
                           "\"\xff\"",
                           "\"\xC0\x80\"",
                           "\"\xED\xA0\x80\"",
                           "\"\xF4\x90\x80\x80\"",
                           "\"\xE2\x82\"",
                           "1 2",
                           "[1] x",
                           "{\"a\":1 \"b\":2}",
                           "[1 2]",
                           "{]",
                           "[}",
                           "//",
                           "'a'"})
    EXPECT_NE(fault_of(text).find("file: not readable as JSON"), std::string::npos) << text;
  EXPECT_NE(fault_of(std::string(100000, '[')).find("nested too deeply"), std::string::npos);
}

TEST(JsonReader, AcceptsWhatTheTreeReaderAccepts) {
  for (const char* text : {"0", "-0", "1.5E-3", "\"\"", "[]", "{}", "[[],{}]", "\"\\u0000\"", "\t[1 ,\r\n 2]"}) {
    EXPECT_EQ(fault_of(text), "accepted") << text;
    EXPECT_NO_THROW(JsonValue::parse(text, "file")) << text;
  }
}

TEST(JsonReader, TypesAndRangesAreNamedWithTheirPlace) {
  const auto fault = [](const char* text, auto read) -> std::string {
    try {
      JsonReader in(text, "file");
      read(in);
    } catch (const UsageError& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_EQ(fault("\"1\"", [](JsonReader& in) { in.read_int(); }), "file: expected a whole number, found string");
  EXPECT_EQ(fault("1.0", [](JsonReader& in) { in.read_int(); }), "file: expected a whole number, found 1.0");
  EXPECT_EQ(fault("9223372036854775808", [](JsonReader& in) { in.read_int(); }), "file: 9223372036854775808 is out of range");
  EXPECT_EQ(fault("-1", [](JsonReader& in) { in.read_unsigned(); }), "file: -1 is out of range");
  EXPECT_EQ(fault("1e999", [](JsonReader& in) { in.read_double(); }), "file: 1e999 is out of range");
  EXPECT_EQ(fault("{}", [](JsonReader& in) { in.begin_array(); }), "file: expected a list, found object");
  EXPECT_EQ(fault("[null]",
                  [](JsonReader& in) {
                    in.begin_array();
                    in.next_element();
                    in.read_string();
                  }),
            "file[0]: expected a text, found null");
}

TEST(JsonReader, MembersAreAllKnownAndThereOnce) {
  const auto fault = [](const std::string& text) -> std::string {
    std::int64_t value = 0;
    const JsonMember members[] = {{"first", [] {}}, {"other", [] {}, false}};
    JsonReader in(text, "file");
    JsonMember bound[] = {members[0], members[1]};
    for (auto& member : bound) member.read = [&] { value += in.read_int(); };
    try {
      read_members(in, bound);
    } catch (const UsageError& error) {
      return error.what();
    }
    return std::to_string(value);
  };
  EXPECT_EQ(fault(R"({"first":1})"), "1");
  EXPECT_EQ(fault(R"({"other":2,"first":1})"), "3");
  EXPECT_EQ(fault(R"({"other":2})"), "file: 'first' is missing");
  EXPECT_EQ(fault(R"({"first":1,"first":1})"), "file.first: the key 'first' stands twice");
  EXPECT_EQ(fault(R"({"firs":1})"), "file.firs: unknown key 'firs'; did you mean 'first'?");
}

TEST(JsonReader, EveryDoubleComesBackAsTheSameBits) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 20000; ++i) {
    const std::uint64_t bits = random();
    double value;
    std::memcpy(&value, &bits, sizeof value);
    if (!std::isfinite(value)) continue;
    std::string text;
    append_json(text, value);
    JsonReader in(text, "file");
    EXPECT_FALSE(in.at_whole_number()) << text;
    const double back = in.read_double();
    ASSERT_EQ(std::memcmp(&back, &value, sizeof value), 0) << text;
    ASSERT_EQ(JsonValue::parse(text, "file").as_double(), value) << text;
  }
}

// Damage of every kind must end in an error or in a value, never in anything else.
TEST(JsonReader, SurvivesEveryCutAndRandomDamage) {
  const std::string good = R"({"a":[1,-2.5e3,"x\n\u00e9",{"b":null}],"c":true,"d":"\ud83d\ude00"})";
  for (std::size_t length = 0; length < good.size(); ++length) EXPECT_NE(fault_of(good.substr(0, length)), "accepted") << length;
  std::mt19937_64 random(11);
  for (int i = 0; i < 20000; ++i) {
    std::string text = good;
    for (int edits = 0; edits < 3; ++edits) text[random() % text.size()] = static_cast<char>(random());
    bool tree_accepts = true;
    try {
      JsonValue::parse(text, "file");
    } catch (const UsageError&) {
      tree_accepts = false;
    }
    EXPECT_EQ(fault_of(text) == "accepted", tree_accepts) << text;
  }
}

TEST(JsonWriter, QuotesAndReplaces) {
  std::string text;
  append_json(text, std::string_view("a\"b\\\n\xC3\xA9\xff"));
  EXPECT_EQ(text, "\"a\\\"b\\\\\\n\xC3\xA9\xEF\xBF\xBD\"");
}

TEST(JsonWriter, DoublesStayDoublesAndInfinityIsAWord) {
  for (const auto& [value, expected] :
       {std::pair(2.0, "2.0"), std::pair(0.1, "0.1"), std::pair(1e300, "1e+300"), std::pair(-0.0, "-0.0"), std::pair(HUGE_VAL, "\"inf\""),
        std::pair(-HUGE_VAL, "\"-inf\""), std::pair(std::nan(""), "\"nan\"")}) {
    std::string text;
    append_json(text, value);
    EXPECT_EQ(text, expected);
  }
}

}  // namespace
}  // namespace wan::io
