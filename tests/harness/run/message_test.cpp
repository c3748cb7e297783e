#include "harness/run/message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/support/harness/messages.h"

namespace wan::run {
namespace {

using ::testing::HasSubstr;

std::string fault_of(const std::string& text) {
  try {
    message_from_json(text);
  } catch (const ProtocolError& error) {
    return error.what();
  }
  return "no fault";
}

TEST(Message, EveryKindSurvivesTheWay) {
  std::set<std::size_t> kinds;
  for (const Message& message : testing::one_of_each_message()) {
    const std::string text = to_json(message);
    const Message again = message_from_json(text);
    EXPECT_EQ(again.index(), message.index()) << text;
    EXPECT_EQ(to_json(again), text);
    kinds.insert(message.index());
  }
  EXPECT_EQ(kinds.size(), std::variant_size_v<Message>);
}

TEST(Message, AbsentAndEmptyAreNotTheSame) {
  GenerationRequest request = testing::full_generation_request();
  const auto sent = [&] { return std::get<Generate>(message_from_json(to_json(Generate{.request = request}))).request; };
  EXPECT_EQ(sent().negative_prompt, "");
  EXPECT_EQ(sent().seed, request.seed);
  EXPECT_EQ(sent().prompt, request.prompt);
  EXPECT_EQ(sent().guidance_low, 3.3) << "to the last bit";
  request.negative_prompt.reset();
  request.guidance_low.reset();
  EXPECT_FALSE(sent().negative_prompt.has_value());
  EXPECT_FALSE(sent().guidance_low.has_value());
}

TEST(Message, TextThatIsNoUtf8IsReplaced) {
  const Message message = message_from_json(to_json(Failed{.text = "a\xff"
                                                                   "b"}));
  EXPECT_EQ(std::get<Failed>(message).text,
            "a\xef\xbf\xbd"
            "b");
}

TEST(Message, FaultsNameTheirPlace) {
  EXPECT_THAT(fault_of(""), HasSubstr("not readable as JSON"));
  EXPECT_THAT(fault_of("[1]"), HasSubstr("no JSON object"));
  EXPECT_THAT(fault_of("{}"), HasSubstr("no JSON object"));
  EXPECT_THAT(fault_of(R"({"beat":{},"cancel":{"id":1}})"), HasSubstr("no JSON object"));
  EXPECT_THAT(fault_of(R"({"bleat":{}})"), HasSubstr("message.bleat: an unknown kind of message; there are hello, load"));
  EXPECT_THAT(fault_of(R"({"beat":1})"), HasSubstr("message.beat: expected an object, found number"));
  EXPECT_THAT(fault_of(R"({"cancel":{}})"), HasSubstr("message.cancel: 'id' is missing"));
  EXPECT_THAT(fault_of(R"({"cancel":{"id":-1}})"), HasSubstr("message.cancel.id: -1 is out of range"));
  EXPECT_THAT(fault_of(R"({"cancel":{"id":1.5}})"), HasSubstr("a whole number"));
  EXPECT_THAT(fault_of(R"({"cancel":{"id":1,"why":2}})"), HasSubstr("message.cancel.why: unknown key 'why'"));
  EXPECT_THAT(fault_of(R"({"failed":{"kind":"bad","text":"","code":0}})"),
              HasSubstr("message.failed.kind: \"bad\" is none of usage, check"));
  EXPECT_THAT(fault_of(R"({"replayed":{"result":{"steps":[{"step":"x"}],"transformer_forwards":0,"fallbacks":[]}}})"),
              HasSubstr("message.replayed.result.steps[0].step: expected a whole number, found string; both ends must be of one build"));
}

TEST(Message, AnotherVersionGreetsAndIsRefusedInASentence) {
  const Message hello = message_from_json(R"({"hello":{"protocol":4,"build":"x","colour":"blue"}})");
  EXPECT_THAT(why_not({.build = "x"}, std::get<Hello>(hello)), HasSubstr("protocol is version 4"));
  EXPECT_THAT(why_not({.build = "x"}, {.build = "y"}), HasSubstr("build y"));
  EXPECT_EQ(why_not({.build = "x"}, {.build = "x"}), "");
}

}  // namespace
}  // namespace wan::run
