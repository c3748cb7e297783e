#include "engine/io/protobuf.h"

#include "tests/support/usage_error.h"

namespace wan::io {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

ProtobufReader reader(const std::string& bytes) { return {std::as_bytes(std::span(bytes)), "m"}; }

TEST(Protobuf, ReadsEveryKindOfField) {
  // 1: varint 300; 2: text; 3: fixed 32 = 1.5F; 4: fixed 64; field 16: the tag takes two bytes; 5: empty.
  const std::string bytes(
      "\x08\xAC\x02"
      "\x12\x03"
      "abc"
      "\x1D\x00\x00\xC0\x3F"
      "\x21\x01\x00\x00\x00\x00\x00\x00\x80"
      "\x80\x01\x07"
      "\x2A\x00",
      27);
  auto in = reader(bytes);
  EXPECT_EQ(in.next()->as_number(), 300U);
  EXPECT_EQ(in.next()->as_text(), "abc");
  EXPECT_EQ(in.next()->as_float(), 1.5F);
  EXPECT_EQ(in.next()->as_number(), 0x8000000000000001U);
  const auto far = in.next();
  EXPECT_EQ(far->id, 16U);
  EXPECT_EQ(far->as_number(), 7U);
  EXPECT_EQ(in.next()->as_text(), "");
  EXPECT_FALSE(in.next());
}

TEST(Protobuf, RefusesDamage) {
  const auto refused = [](const std::string& bytes, const std::string& why) {
    EXPECT_USAGE_ERROR(reader(bytes).next(), AllOf(HasSubstr("m:"), HasSubstr(why)));
  };
  refused("\x08", "1 bytes are wanted, 0 are left");
  refused(
      "\x12\x04"
      "abc",
      "4 bytes are wanted, 3 are left");
  refused("\x12\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", "are left");
  refused("\x08" + std::string(10, '\xFF'), "more than 64 bits");
  refused("\x0B", "wire type 3");
  const std::string number = "\x08\x01", text =
                                             "\x12\x01"
                                             "a";
  EXPECT_USAGE_ERROR(reader(number).next()->as_text(), HasSubstr("field 1: expected bytes"));
  EXPECT_USAGE_ERROR(reader(text).next()->as_number(), HasSubstr("field 2: expected a number"));
}

}  // namespace
}  // namespace wan::io
