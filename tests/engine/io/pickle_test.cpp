#include "engine/io/pickle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>

#include "engine/io/mapped_file.h"
#include "tests/support/usage_error.h"

namespace wan::io {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr std::string_view kPermitted[] = {"collections.OrderedDict", "torch.FloatStorage", "torch._utils._rebuild_tensor_v2"};

// A pickle of protocol 2 from its opcodes, with STOP behind.
Pickle parse(const std::string& opcodes) {
  const std::string file = std::string("\x80\x02", 2) + opcodes + ".";
  const std::shared_ptr<std::byte[]> copy(new std::byte[file.size()]);
  std::memcpy(copy.get(), file.data(), file.size());
  return Pickle::parse({copy.get(), file.size()}, kPermitted, "w.pkl", copy);
}

std::string bytes(std::initializer_list<int> values) {
  std::string text;
  for (const int v : values) text += static_cast<char>(v);
  return text;
}

template <typename T>
const T& as(const PickleValue& value) {
  return std::get<T>(value.value);
}
const PickleValue& item(const PickleValue& list, std::size_t i) {
  const auto* tuple = std::get_if<PickleTuple>(&list.value);
  return *(tuple ? tuple->items : as<PickleList>(list).items).at(i);
}

Pickle read_data(const char* file) {
  const MappedFile mapped = map_file(std::filesystem::path(WAN_TEST_DATA) / "pickle" / file);
  return Pickle::parse(mapped.bytes, kPermitted, file, mapped.owner);
}

TEST(Pickle, ReadsScalars) {
  EXPECT_TRUE(std::holds_alternative<PickleNone>(parse("N").root().value));
  EXPECT_TRUE(as<bool>(parse("\x88").root()));
  EXPECT_FALSE(as<bool>(parse("\x89").root()));
  EXPECT_EQ(as<std::int64_t>(parse("K\xff").root()), 255);
  EXPECT_EQ(as<std::int64_t>(parse("M\xff\xff").root()), 65535);
  EXPECT_EQ(as<std::int64_t>(parse("J\xff\xff\xff\xff").root()), -1);
  EXPECT_EQ(as<std::int64_t>(parse(bytes({0x8a, 0})).root()), 0);
  EXPECT_EQ(as<std::int64_t>(parse(bytes({0x8a, 1, 0x80})).root()), -128);
  EXPECT_EQ(as<std::int64_t>(parse(bytes({0x8a, 8, 0, 0, 0, 0, 0, 0, 0, 0x80})).root()), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(as<double>(parse(bytes({'G', 0x3f, 0xf8, 0, 0, 0, 0, 0, 0})).root()), 1.5);
  EXPECT_EQ(as<PickleText>(parse(bytes({'X', 2, 0, 0, 0, 'h', 'i'})).root()).text, "hi");
  EXPECT_EQ(as<PickleBytes>(parse(bytes({'C', 2, 0, 1})).root()).bytes.size(), 2u);
}

TEST(Pickle, ReadsContainersAndSharedValues) {
  const Pickle list = parse(
      "](K\x01K\x02"
      "e"
      "K\x03"
      "a");
  EXPECT_EQ(as<PickleList>(list.root()).items.size(), 3u);
  EXPECT_EQ(as<std::int64_t>(item(list.root(), 2)), 3);
  const Pickle dict = parse(bytes({'}', '(', 'U', 1, 'a', 'K', 1, 'U', 1, 'b', 'K', 2, 'U', 1, 'a', 'K', 3, 'u'}));
  EXPECT_EQ(as<std::int64_t>(*dict.root().find("a")), 3) << "of equal keys the last one counts";
  EXPECT_EQ(dict.root().find("c"), nullptr);
  const Pickle shared = parse(
      "]q\x05"
      "h\x05\x86");
  EXPECT_EQ(&item(shared.root(), 0), &item(shared.root(), 1));
}

TEST(Pickle, ReadsATorchIndex) {
  const Pickle index = read_data("torch_index.pkl");
  EXPECT_EQ(as<PickleObject>(index.root()).class_name, "collections.OrderedDict");
  const auto& weight = as<PickleObject>(*index.root().find("weight"));
  EXPECT_EQ(weight.class_name, "torch._utils._rebuild_tensor_v2");
  const PickleValue& storage = *as<PicklePersistentId>(item(*weight.arguments, 0)).id;
  EXPECT_EQ(as<PickleText>(item(storage, 0)).text, "storage");
  EXPECT_EQ(as<PickleGlobal>(item(storage, 1)).name, "torch.FloatStorage");
  EXPECT_EQ(as<PickleText>(item(storage, 2)).text, "0");
  EXPECT_EQ(as<std::int64_t>(item(item(*weight.arguments, 2), 1)), 3) << "shape (2, 3)";
  EXPECT_NE(index.root().find("bias"), nullptr);
  EXPECT_NE(as<PickleObject>(index.root()).state, nullptr);
}

TEST(Pickle, SeveralPicklesFollowOneAnother) {
  const std::string two = "\x80\x02K\x01.\x80\x02K\x02.";
  const auto all = std::as_bytes(std::span(two));
  const Pickle first = Pickle::parse(all, {}, "two");
  ASSERT_EQ(first.bytes_read(), 5u);
  EXPECT_EQ(as<std::int64_t>(Pickle::parse(all.subspan(5), {}, "two").root()), 2);
}

TEST(Pickle, ForeignGlobalsAreRefusedByName) {
  for (const char* opcodes : {"cos\nsystem\n(U\x04"
                              "echo"
                              "tR",
                              "cbuiltins\neval\n"})
    EXPECT_THROW(parse(opcodes), UsageError);
  EXPECT_USAGE_ERROR(parse("cos\nsystem\n"), AllOf(HasSubstr("w.pkl"), HasSubstr("'os.system'")));
  EXPECT_USAGE_ERROR(parse(bytes({'U', 2, 'o', 's', 'U', 6, 's', 'y', 's', 't', 'e', 'm', 0x93})), HasSubstr("'os.system'"));
  EXPECT_USAGE_ERROR(parse("ctorch\nFloatStorage \n"), HasSubstr("'torch.FloatStorage '"));
  EXPECT_USAGE_ERROR(parse("(ios\nsystem\n"), HasSubstr("opcode 0x69"));
}

TEST(Pickle, EveryTruncationIsRefused) {
  const MappedFile whole = map_file(std::filesystem::path(WAN_TEST_DATA) / "pickle/torch_index.pkl");
  for (std::size_t size = 0; size < whole.bytes.size(); ++size) {
    const std::vector<std::byte> cut(whole.bytes.begin(), whole.bytes.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_THROW(Pickle::parse(cut, kPermitted, "cut"), UsageError) << size;
  }
}

TEST(Pickle, DamagedProgramsAreRefused) {
  for (const std::string& opcodes : {
           std::string(""),
           std::string("0"),
           std::string("1"),
           std::string("2"),
           std::string("t"),
           std::string("e"),
           std::string("R"),
           std::string("a"),
           std::string("b"),
           std::string("Q"),
           std::string("h\x01"),
           std::string("q\x01"),
           std::string("NNR"),
           std::string("N)R"),
           std::string("K\x01N"
                       "a"),
           std::string("N(NNu"),
           std::string("}(Nu"),
           std::string("}Nb"),
           std::string("N(e"),
           std::string("](0N"),
           std::string("NN(0t"),
           std::string("(N]s"),                               // reaching below a MARK
           std::string("ccollections\nOrderedDict\n)R}b}b"),  // state twice
           std::string("ccollections\nOrderedDict"),
           std::string("cos"),
           bytes({0x80, 1}),
           bytes({0x80, 5}),
           bytes({0x93}),
           bytes({'K', 1, 'K', 1, 0x93}),
           bytes({'X', 0xff, 0xff, 0xff, 0xff}),
           bytes({0x8e, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}),
           bytes({0x8a, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0}),
           std::string("I1\n"),
           std::string("\xff"),
           std::string("("),
       })
    EXPECT_THROW(parse(opcodes), UsageError) << ::testing::PrintToString(opcodes);
}

TEST(Pickle, BombsAreRefused) {
  // Deep nesting, lists and dicts that hold themselves, and sharing that doubles at each level: each would trap a recursive caller.
  std::string deep = "N";
  for (int i = 0; i < 1'000'000; ++i) deep += "\x85";
  EXPECT_USAGE_ERROR(parse(deep), HasSubstr("nested"));
  EXPECT_USAGE_ERROR(parse("]q\x01h\x01"
                           "a"),
                     HasSubstr("holds itself"));
  EXPECT_USAGE_ERROR(parse("}q\x01(Nh\x01u"), HasSubstr("holds itself"));
  EXPECT_USAGE_ERROR(parse("]q\x01((h\x01te"), HasSubstr("holds itself"));
  std::string doubling = "N";
  for (int i = 0; i < 60; ++i) doubling += "2\x86";
  EXPECT_USAGE_ERROR(parse(doubling), HasSubstr("shared"));
  std::string many = "(";
  for (int i = 0; i < 5'000'000; ++i) many += "]";
  EXPECT_USAGE_ERROR(parse(many + "t"), HasSubstr("values"));
}

TEST(Pickle, DepthCountsThroughSharedValues) {
  // A chain of 60 levels, looked at first where it lies shallow, then again below 60 more.
  std::string chain = "N";
  for (int i = 0; i < 60; ++i) chain += "\x85";
  chain += "q\x01h\x01";
  EXPECT_NO_THROW(parse(chain + "\x86"));
  for (int i = 0; i < 60; ++i) chain += "\x85";
  EXPECT_USAGE_ERROR(parse(chain + "\x86"), HasSubstr("nested"));
}

}  // namespace
}  // namespace wan::io
