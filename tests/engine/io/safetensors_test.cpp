#include "engine/io/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <iterator>

#include "engine/base/error.h"
#include "tests/support/file_size_limit.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/usage_error.h"

namespace wan::io {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::wan::testing::FileSizeLimit;
using ::wan::testing::TemporaryFolder;

// A file in memory: header length, header, data.
std::string file_of(const std::string& header, const std::string& data) {
  const std::uint64_t size = header.size();
  std::string file(8, '\0');
  std::memcpy(file.data(), &size, 8);
  return file + header + data;
}

SafetensorsFile parse(const std::string& file) {
  // In a block of exactly its size, so that a sanitizer sees any read beyond it.
  const std::shared_ptr<std::byte[]> copy(new std::byte[file.size()]);
  std::memcpy(copy.get(), file.data(), file.size());
  return SafetensorsFile::parse({copy.get(), file.size()}, copy, "a.safetensors");
}

std::string entry(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return R"({"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}";
}

std::string one(const std::string& shape, const std::string& offsets) { return R"({"a":)" + entry("U8", shape, offsets) + "}"; }

TEST(Safetensors, RoundTripsEveryDtype) {
  const TemporaryFolder folder;
  const auto path = folder / "all.safetensors";
  const std::vector<Dtype> dtypes = {Dtype::boolean, Dtype::u8,   Dtype::i8,  Dtype::i16,     Dtype::u16,
                                     Dtype::f16,     Dtype::bf16, Dtype::i32, Dtype::u32,     Dtype::f32,
                                     Dtype::f64,     Dtype::i64,  Dtype::u64, Dtype::f8_e4m3, Dtype::f8_e5m2};
  std::vector<std::vector<std::byte>> data;
  std::vector<TensorToWrite> tensors;
  for (const Dtype dtype : dtypes) {
    auto& bytes = data.emplace_back(3 * 5 * byte_size(dtype));
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * 7 + data.size());
    tensors.push_back({.name = to_string(dtype), .dtype = dtype, .shape = {3, 5}});
  }
  for (std::size_t i = 0; i < data.size(); ++i) tensors[i].data = data[i];
  write_safetensors(path, tensors, {{"fps", "16"}, {"odd \"text\"\n", "\\"}});

  const SafetensorsFile file = SafetensorsFile::open(path);
  EXPECT_EQ(file.tensors().size(), dtypes.size());
  EXPECT_THAT(file.metadata(), ElementsAre(::testing::Pair("fps", "16"), ::testing::Pair("odd \"text\"\n", "\\")));
  for (std::size_t i = 0; i < dtypes.size(); ++i) {
    const TensorView& view = file.at(to_string(dtypes[i]));
    EXPECT_EQ(view.dtype, dtypes[i]);
    EXPECT_THAT(view.shape, ElementsAre(3, 5));
    EXPECT_EQ(view.numel(), 15);
    EXPECT_TRUE(view.is_aligned()) << to_string(dtypes[i]) << ": the widest are written first so that all are aligned";
    EXPECT_TRUE(std::equal(view.data.begin(), view.data.end(), data[i].begin(), data[i].end())) << to_string(dtypes[i]);
  }
  EXPECT_EQ(folder.entries(), 1u);
}

TEST(Safetensors, KeepsEmptyTensorsScalarsAndEmptyFiles) {
  const TemporaryFolder folder;
  const float value = 2.5F;
  const std::vector<TensorToWrite> tensors = {{.name = "none", .shape = {0, 7}},
                                              {.name = "scalar", .shape = {}, .data = std::as_bytes(std::span(&value, 1))},
                                              {.name = "", .dtype = Dtype::u8, .shape = {0}}};
  write_safetensors(folder / "a.safetensors", tensors);
  const auto file = SafetensorsFile::open(folder / "a.safetensors");
  EXPECT_EQ(file.at("none").numel(), 0);
  EXPECT_THAT(file.at("none").shape, ElementsAre(0, 7));
  EXPECT_EQ(file.at("scalar").numel(), 1);
  EXPECT_TRUE(file.at("scalar").shape.empty());
  EXPECT_EQ(std::memcmp(file.at("scalar").data.data(), &value, sizeof value), 0);
  EXPECT_TRUE(file.at("").data.empty());

  write_safetensors(folder / "b.safetensors", {});
  EXPECT_TRUE(SafetensorsFile::open(folder / "b.safetensors").tensors().empty());
}

TEST(Safetensors, TensorsOutliveTheFileObject) {
  const TemporaryFolder folder;
  const std::vector<std::uint8_t> bytes = {1, 2, 3};
  const TensorToWrite tensor{.name = "a", .dtype = Dtype::u8, .shape = {3}, .data = std::as_bytes(std::span(bytes))};
  write_safetensors(folder / "a.safetensors", {&tensor, 1});
  const TensorView view = SafetensorsFile::open(folder / "a.safetensors").at("a");
  EXPECT_EQ(view.data[2], std::byte{3});
}

TEST(Safetensors, SaysWhetherATensorIsAligned) {
  const auto file = parse(file_of(R"({"a":)" + entry("U8", "[3]", "[0,3]") + R"(,"b":)" + entry("F32", "[1]", "[3,7]") + "}", "1234567"));
  const auto address = reinterpret_cast<std::uintptr_t>(file.at("b").data.data());
  EXPECT_EQ(file.at("b").is_aligned(), address % 4 == 0);
  EXPECT_TRUE(file.at("a").is_aligned());
}

TEST(Safetensors, MissingTensorNamesFileAndTensor) {
  EXPECT_USAGE_ERROR(parse(file_of("{}", "")).at("w"), AllOf(HasSubstr("a.safetensors"), HasSubstr("'w'")));
}

TEST(Safetensors, EveryTruncationIsRefused) {
  const std::string whole =
      file_of(R"({"a":)" + entry("U8", "[2,3]", "[0,6]") + R"(,"b":)" + entry("BF16", "[2]", "[6,10]") + "}", "0123456789");
  EXPECT_NO_THROW(parse(whole));
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_THROW(parse(whole.substr(0, size)), UsageError) << "cut to " << size << " of " << whole.size() << " bytes";
  EXPECT_USAGE_ERROR(parse(whole + "x"), HasSubstr("1 bytes behind"));
}

TEST(Safetensors, HostileLayoutIsRefused) {
  const auto two = [](const std::string& a, const std::string& b) {
    return R"({"a":)" + entry("U8", "[4]", a) + R"(,"b":)" + entry("U8", "[4]", b) + "}";
  };
  EXPECT_NO_THROW(parse(file_of(two("[4,8]", "[0,4]"), "01234567"))) << "names need not follow the data's order";
  EXPECT_USAGE_ERROR(parse(file_of(two("[0,4]", "[2,6]"), "012345")), HasSubstr("overlap"));
  EXPECT_USAGE_ERROR(parse(file_of(two("[0,4]", "[0,4]"), "0123")), HasSubstr("overlap"));
  EXPECT_USAGE_ERROR(parse(file_of(two("[0,4]", "[5,9]"), "012345678")), HasSubstr("hole"));
  EXPECT_USAGE_ERROR(parse(file_of(one("[4]", "[1,5]"), "01234")), HasSubstr("hole"));
  EXPECT_USAGE_ERROR(parse(file_of(one("[4]", "[4,0]"), "0123")), HasSubstr("outside"));
  EXPECT_USAGE_ERROR(parse(file_of(one("[4]", "[0,18446744073709551615]"), "0123")), HasSubstr("outside"));
  EXPECT_USAGE_ERROR(parse(file_of(one("[4]", "[-4,0]"), "0123")), HasSubstr("outside"));
  EXPECT_USAGE_ERROR(parse(file_of(one("[4]", "[0,4.0]"), "0123")), HasSubstr("outside"));
  EXPECT_USAGE_ERROR(parse(file_of(one("[4]", "[0,4,4]"), "0123")), HasSubstr("pair"));
  EXPECT_USAGE_ERROR(parse(file_of(one("[3]", "[0,4]"), "0123")), HasSubstr("4 bytes for a shape that takes 3"));
  EXPECT_USAGE_ERROR(parse(file_of(R"({"a":)" + entry("U8", "[0]", "[2,2]") + R"(,"b":)" + entry("U8", "[4]", "[0,4]") + "}", "0123")),
                     HasSubstr("overlap"));
}

TEST(Safetensors, HostileShapesAndDtypesAreRefused) {
  EXPECT_USAGE_ERROR(parse(file_of(one("[-1]", "[0,1]"), "0")), HasSubstr("sizes"));
  EXPECT_USAGE_ERROR(parse(file_of(one("[1.0]", "[0,1]"), "0")), HasSubstr("sizes"));
  EXPECT_USAGE_ERROR(parse(file_of(one("1", "[0,1]"), "0")), HasSubstr("not a list"));
  // Products that wrap to the right number of bytes, and extents that would wrap a stride beside a zero.
  EXPECT_USAGE_ERROR(parse(file_of(one("[4294967296,4294967296]", "[0,0]"), "")), HasSubstr("too large"));
  EXPECT_USAGE_ERROR(parse(file_of(one("[9223372036854775808]", "[0,0]"), "")), HasSubstr("too large"));
  EXPECT_USAGE_ERROR(parse(file_of(one("[0,4611686018427387904,4611686018427387904]", "[0,0]"), "")), HasSubstr("too large"));
  std::string ones = "[1";
  for (int i = 0; i < 64; ++i) ones += ",1";
  EXPECT_USAGE_ERROR(parse(file_of(one(ones + "]", "[0,1]"), "0")), HasSubstr("64"));
  EXPECT_USAGE_ERROR(parse(file_of(R"({"a":)" + entry("F4", "[1]", "[0,1]") + "}", "0")), HasSubstr("F4"));
  EXPECT_USAGE_ERROR(parse(file_of(R"({"a":{"dtype":{},"shape":[1],"data_offsets":[0,1]}})", "0")), HasSubstr("dtype"));
  EXPECT_USAGE_ERROR(parse(file_of(R"({"a":{"dtype":"U8","shape":[1]}})", "0")), HasSubstr("'a'"));
  EXPECT_USAGE_ERROR(parse(file_of(R"({"a":7})", "0")), HasSubstr("'a'"));
}

TEST(Safetensors, HostileHeadersAreRefused) {
  std::string huge(8, '\xff');
  EXPECT_USAGE_ERROR(parse(huge + "{}"), HasSubstr("18446744073709551615"));
  EXPECT_USAGE_ERROR(parse(file_of("{}", "").substr(0, 9)), HasSubstr("truncated"));
  for (const char* header : {"", " {}", "[]", "null", "{", "{]", "{}x", "{\"a\":\xff}", R"({"a")", "\xef\xbb\xbf{}"})
    EXPECT_THROW(parse(file_of(header, "")), UsageError) << header;
  const std::string good = entry("U8", "[1]", "[0,1]");
  EXPECT_USAGE_ERROR(parse(file_of(R"({"a":)" + good + R"(,"a":)" + good + "}", "0")), HasSubstr("'a' twice"));
  EXPECT_USAGE_ERROR(parse(file_of(R"({"a":{"dtype":"U8","shape":[[{"x":1,"x":2}]],"shape":[1],"data_offsets":[0,1]}})", "0")),
                     HasSubstr("twice"));
  // Equal keys in different objects are no duplicates.
  EXPECT_NO_THROW(parse(file_of(R"({"__metadata__":{"dtype":"a"},"a":)" + good + "}", "0")));
  EXPECT_USAGE_ERROR(parse(file_of(R"({"__metadata__":[]})", "")), HasSubstr("__metadata__"));
  EXPECT_USAGE_ERROR(parse(file_of(R"({"__metadata__":{"n":1}})", "")), HasSubstr("'n'"));
}

TEST(Safetensors, DeepNestingDoesNotOverflowTheStack) {
  const std::string open(2'000'000, '['), close(2'000'000, ']');
  for (const std::string& header :
       {R"({"a":)" + open, R"({"a":)" + open + close + "}", R"({"a":{"dtype":)" + open + close + R"(,"shape":[],"data_offsets":[0,1]}})"})
    EXPECT_USAGE_ERROR(parse(file_of(header, "0")), HasSubstr("nested"));
}

TEST(Safetensors, UnreadableFilesNameThePath) {
  const TemporaryFolder folder;
  EXPECT_USAGE_ERROR(SafetensorsFile::open(folder / "absent.safetensors"),
                     AllOf(HasSubstr("absent.safetensors"), HasSubstr("No such file")));
  EXPECT_USAGE_ERROR(SafetensorsFile::open(folder.path()), HasSubstr("not a regular file"));
  std::ofstream(folder / "empty.safetensors").close();
  EXPECT_USAGE_ERROR(SafetensorsFile::open(folder / "empty.safetensors"), HasSubstr("0 bytes"));
}

TEST(Safetensors, FailedWritesLeaveNothingAndKeepTheOldFile) {
  const TemporaryFolder folder;
  const auto path = folder / "a.safetensors";
  const std::vector<std::byte> data(100'000, std::byte{1});
  const TensorToWrite tensor{.name = "a", .dtype = Dtype::u8, .shape = {100'000}, .data = data};
  EXPECT_USAGE_ERROR(write_safetensors(folder / "no/such/a.safetensors", {&tensor, 1}), HasSubstr("No such file"));
  write_safetensors(path, {});
  {
    const FileSizeLimit full_disk(50'000);
    EXPECT_USAGE_ERROR(write_safetensors(path, {&tensor, 1}), HasSubstr("a.safetensors"));
  }
  EXPECT_EQ(folder.entries(), 1u);
  EXPECT_TRUE(SafetensorsFile::open(path).tensors().empty());
}

TEST(Safetensors, CallersMistakesAreChecked) {
  const TemporaryFolder folder;
  const std::vector<std::byte> data(4);
  const TensorToWrite tensor{.name = "a", .dtype = Dtype::u8, .shape = {4}, .data = data};
  TensorToWrite short_one = tensor, reserved = tensor;
  short_one.shape = {5};
  reserved.name = "__metadata__";
  const std::vector<TensorToWrite> twice = {tensor, tensor};
  EXPECT_THROW(write_safetensors(folder / "a", {&short_one, 1}), CheckError);
  EXPECT_THROW(write_safetensors(folder / "a", {&reserved, 1}), CheckError);
  EXPECT_THROW(write_safetensors(folder / "a", twice), CheckError);
  EXPECT_EQ(folder.entries(), 0u);
}

}  // namespace
}  // namespace wan::io
