#include "engine/io/torch_file.h"

#include <cstring>
#include <fstream>

#include "tests/support/engine/torch_archive.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/usage_error.h"

namespace wan::io {
namespace {

using namespace test::pickled;
using test::ZipEntry;
using ::testing::AllOf;
using ::testing::HasSubstr;

class TorchFile : public ::testing::Test {
 protected:
  // Storage "0": the floats 0 to 5. Storage "1": two bfloat16 ones.
  std::map<std::string, TensorView> read(const std::string& root, std::vector<ZipEntry> more = {}) {
    std::vector<ZipEntry> entries = {{.name = "any/data.pkl", .data = file(root)}, {.name = "any/data/0"}, {.name = "any/data/1"}};
    const std::array<float, 6> values = {0, 1, 2, 3, 4, 5};
    entries[1].data.assign(reinterpret_cast<const char*>(values.data()), sizeof values);
    entries[2].data = "\x80\x3f\x80\x3f";
    entries.insert(entries.end(), more.begin(), more.end());
    test::write_zip(path_, entries);
    return read_torch_file(path_);
  }
  std::map<std::string, TensorView> read_one(const std::string& value) { return read(dict({{"w", value}})); }

  testing::TemporaryFolder folder_;
  std::filesystem::path path_ = folder_ / "x.pth";
  const std::string floats_ = storage("FloatStorage", "0", 6), halves_ = storage("BFloat16Storage", "1", 2);
};

std::vector<float> floats(const TensorView& view) {
  std::vector<float> values(view.data.size() / sizeof(float));
  std::memcpy(values.data(), view.data.data(), view.data.size());
  return values;
}

TEST_F(TorchFile, GivesTensorsWhereTheyLie) {
  const auto tensors = read(dict({{"a", tensor(floats_, 0, {2, 3}, {3, 1})},
                                  {"b", tensor(halves_, 0, {2}, {1})},
                                  {"tail", tensor(floats_, 4, {2, 1}, {1, 7})},
                                  {"scalar", tensor(floats_, 5, {}, {})},
                                  {"empty", tensor(floats_, 6, {0, 3}, {9, 9})}}),
                            {{.name = "any/byteorder", .data = "little"}, {.name = "any/version", .data = "3\n"}});
  EXPECT_EQ(tensors.size(), 5U);
  EXPECT_EQ(tensors.at("a").shape, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(floats(tensors.at("a")), (std::vector<float>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(tensors.at("b").dtype, Dtype::bf16);
  EXPECT_EQ(floats(tensors.at("tail")), (std::vector<float>{4, 5}));
  EXPECT_EQ(tensors.at("tail").data.data(), tensors.at("a").data.data() + 16);  // one storage, read in place
  EXPECT_EQ(floats(tensors.at("scalar")), (std::vector<float>{5}));
  EXPECT_TRUE(tensors.at("empty").data.empty());
}

// Pickle and archive by Python's own libraries (tests/data/fuzz/make_seeds.py).
TEST_F(TorchFile, ReadsWhatPythonWrote) {
  const std::filesystem::path folder = std::filesystem::path(WAN_TEST_DATA) / "fuzz/torch_file";
  const auto tensors = read_torch_file(folder / "whole");
  ASSERT_EQ(tensors.size(), 2U);
  EXPECT_EQ(tensors.at("weight").shape, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(floats(tensors.at("bias")), (std::vector<float>{0, 0}));
  EXPECT_USAGE_ERROR(read_torch_file(folder / "short"), HasSubstr("4 bytes, not 2 elements"));
}

TEST_F(TorchFile, TakesParametersAndOrderedDicts) {
  const std::string parameter = call(global("torch._utils", "_rebuild_parameter"), tuple({tensor(halves_, 0, {2}, {1}), "\x88", dict({})}));
  const std::string ordered = call(global("collections", "OrderedDict"), ")") + "(" + text("w") + parameter + "u" + dict({}) + "b";
  EXPECT_EQ(read(ordered).at("w").dtype, Dtype::bf16);
}

TEST_F(TorchFile, RefusesEveryOtherNameAndRunsNothing) {
  for (const auto& [module, name] :
       {std::pair{"os", "system"}, {"builtins", "eval"}, {"torch", "load"}, {"torch._utils", "_rebuild_qtensor"}})
    EXPECT_USAGE_ERROR(read_one(call(global(module, name), tuple({text("true")}))),
                       AllOf(HasSubstr(path_.string()), HasSubstr(std::string(module) + "." + name), HasSubstr("refused")));
}

TEST_F(TorchFile, RefusesTensorsThatLeaveTheirStorageOrAreNotDense) {
  const auto refused = [&](const std::string& value, const std::string& why) {
    EXPECT_USAGE_ERROR(read_one(value), AllOf(HasSubstr("'w'"), HasSubstr(why)));
  };
  refused(tensor(floats_, 1, {2, 3}, {3, 1}), "leave its storage of 6");
  refused(tensor(floats_, -1, {2}, {1}), "leave its storage");
  refused(tensor(floats_, INT64_MAX, {2}, {1}), "leave its storage");
  refused(tensor(floats_, 0, {2, 3}, {1, 2}), "strides [1, 2]");
  refused(tensor(floats_, 0, {1000, 6}, {0, 1}), "strides [0, 1]");
  refused(tensor(floats_, 0, {1LL << 40, 1LL << 40}, {1LL << 40, 1}), "too large");
  refused(tensor(floats_, 0, {-2}, {1}), "too large");
  refused(tensor(floats_, 0, {2, 3}, {1}), "sizes and strides");
  refused(tensor(storage("FloatStorage", "0", 5), 0, {5}, {1}), "24 bytes, not 5 elements");
  refused(tensor(storage("FloatStorage", "0", -1), 0, {5}, {1}), "24 bytes, not -1 elements");
  refused(tensor(storage("DoubleStorage", "0", INT64_MAX), 0, {5}, {1}), "24 bytes");
  refused(tensor(text("storage"), 0, {6}, {1}), "expected a storage");
  refused(text("a word"), "no tensor");
  refused(dict({{"nested", tensor(floats_, 0, {6}, {1})}}), "no tensor");
}

TEST_F(TorchFile, SaysWhatTheFileIsInstead) {
  EXPECT_USAGE_ERROR(read_one(tensor(storage("FloatStorage", "7", 6), 0, {6}, {1})), HasSubstr("it lacks the entry 'data/7'"));
  EXPECT_USAGE_ERROR(read(text("a word")), HasSubstr("state dict"));
  EXPECT_USAGE_ERROR(read(dict({}), {{.name = "any/byteorder", .data = "big"}}), HasSubstr("'big'"));
  EXPECT_USAGE_ERROR(read(dict({}), {{.name = "other/data.pkl", .data = file(dict({}))}}), HasSubstr("two indexes"));
  test::write_zip(path_, std::vector<ZipEntry>{{.name = "word/document.xml"}});
  EXPECT_USAGE_ERROR(read_torch_file(path_), HasSubstr("not of torch.save"));
  std::ofstream(path_) << file(dict({}));
  EXPECT_USAGE_ERROR(read_torch_file(path_), HasSubstr("old format"));
  std::ofstream(path_) << "hello";
  EXPECT_USAGE_ERROR(read_torch_file(path_), HasSubstr("expected a zip archive"));
  EXPECT_USAGE_ERROR(read_torch_file(folder_ / "absent.pth"), HasSubstr("absent.pth"));
}

TEST_F(TorchFile, AnyTruncationIsAnError) {
  read(dict({{"a", tensor(floats_, 0, {2, 3}, {3, 1})}}));
  std::ifstream in(path_, std::ios::binary);
  const std::string whole((std::istreambuf_iterator<char>(in)), {});
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_THROW(parse_torch_file(std::as_bytes(std::span(whole).first(size)), {}, "x"), UsageError) << size;
}

}  // namespace
}  // namespace wan::io
