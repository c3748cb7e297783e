#include "engine/checkpoint/source.h"

#include <array>
#include <fstream>

#include "engine/io/safetensors.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/usage_error.h"

namespace wan::checkpoint {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class Sources : public ::testing::Test {
 protected:
  void write(const std::string& file, const std::vector<io::TensorToWrite>& tensors) { io::write_safetensors(folder_ / file, tensors); }
  void write_text(const std::string& file, const std::string& text) { std::ofstream(folder_ / file) << text; }
  io::TensorToWrite tensor(const std::string& name, std::vector<std::int64_t> shape, io::Dtype dtype = io::Dtype::f32) {
    return {.name = name, .dtype = dtype, .shape = std::move(shape), .data = std::as_bytes(std::span(values_))};
  }
  Source open(const std::string& stem = "model", Layout layout = Layout::diffusers) {
    return open_safetensors(folder_.path(), stem, layout);
  }

  testing::TemporaryFolder folder_;
  std::array<float, 6> values_ = {1, 2, 3, 4, 5, 6};
  const TensorTable table_ = {{.name = "a", .diffusers = "A", .shape = {2, 3}},
                              {.name = "b", .diffusers = "B", .shape = {6}, .alternative = "B.old"},
                              {.name = "c", .diffusers = "C", .shape = {6}, .required = false}};
};

TEST_F(Sources, AreFoundByTheNamesOfTheirLayout) {
  write("model.safetensors", {tensor("A", {2, 3}), tensor("B.old", {6})});
  const Source diffusers = open();
  const auto found = find_tensors(diffusers, table_);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].name, "a");
  EXPECT_EQ(found[0].view.data.data(), diffusers.tensors.at("A").data.data());
  EXPECT_EQ(found[1].name, "b");
  EXPECT_EQ(found[1].view.data.data(), diffusers.tensors.at("B.old").data.data());
  write("official.safetensors", {tensor("a", {2, 3}), tensor("b", {6}), tensor("c", {6})});
  EXPECT_EQ(find_tensors(open("official", Layout::official), table_).size(), 3U);
  EXPECT_USAGE_ERROR(find_tensors(open("official"), table_), AllOf(HasSubstr("missing: A [2, 3]"), HasSubstr("extra: a [2, 3]")));
}

TEST_F(Sources, ReadShardsThroughTheIndex) {
  write("model-1.safetensors", {tensor("A", {2, 3})});
  write("model-2.safetensors", {tensor("B", {6}), tensor("of no interest", {6})});
  write_text("model.safetensors.index.json", R"({"weight_map": {"A": "model-1.safetensors", "B": "model-2.safetensors"}})");
  EXPECT_EQ(find_tensors(open(), table_).size(), 2U);
}

TEST_F(Sources, ListEveryFaultInOneError) {
  write("model.safetensors",
        {tensor("A", {3, 2}), tensor("extra", {6}), tensor("integers", {6}, io::Dtype::i32), tensor("C", {6}, io::Dtype::i32)});
  EXPECT_USAGE_ERROR(find_tensors(open(), table_),
                     AllOf(HasSubstr("shape: A is [3, 2], expected [2, 3]"), HasSubstr("missing: B [6]"), HasSubstr("extra: extra"),
                           HasSubstr("extra: integers"), HasSubstr("dtype: C is I32"), HasSubstr("(5 faults)")));
}

TEST_F(Sources, RefuseAbsentFilesAndDamagedIndexes) {
  write("model.safetensors", {tensor("A", {2, 3}), tensor("B", {6})});
  EXPECT_USAGE_ERROR(open("absent"), HasSubstr("absent.safetensors"));
  write_text("x.safetensors.index.json",
             R"({"weight_map": {"A": "../model.safetensors", "B": "model.safetensors", "lacking": "model.safetensors"}})");
  EXPECT_USAGE_ERROR(
      open("x"), AllOf(HasSubstr("x.safetensors.index.json"), HasSubstr("'../model.safetensors' lies outside"), HasSubstr("'lacking'")));
  write_text("y.safetensors.index.json", R"({"weight_map": {"A": "gone.safetensors"}})");
  EXPECT_USAGE_ERROR(open("y"), HasSubstr("gone.safetensors"));
}

}  // namespace
}  // namespace wan::checkpoint
