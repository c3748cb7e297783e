#include "engine/checkpoint/weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "engine/base/error.h"
#include "engine/io/safetensors.h"
#include "engine/runtime/tensor.h"

namespace wan::checkpoint {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class LoadWeights : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(::testing::TempDir()) / ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& file, const std::vector<io::TensorToWrite>& tensors) { io::write_safetensors(folder_ / file, tensors); }
  io::TensorToWrite tensor(const std::string& name, std::vector<std::int64_t> shape, io::Dtype dtype = io::Dtype::f32) {
    return {.name = name,
            .dtype = dtype,
            .shape = std::move(shape),
            .data = std::as_bytes(std::span(values_)).first(static_cast<std::size_t>(24))};
  }

  std::filesystem::path folder_;
  std::array<float, 6> values_ = {1, 2, 3, 4, 5, 6};
  const TensorTable table_ = {{.name = "a", .diffusers = "A", .shape = {2, 3}},
                              {.name = "b", .diffusers = "B", .shape = {6}, .alternative = "B.old"}};
};

TEST_F(LoadWeights, ReadsConvertsAndKeepsWhatThePolicySays) {
  write("model.safetensors", {tensor("A", {2, 3}), tensor("B.old", {6})});
  const auto weights =
      load_weights(folder_, "model", table_, {.dtype = at::kBFloat16, .keep_float32 = [](const std::string& n) { return n == "b"; }});
  EXPECT_EQ(weights.at("a").scalar_type(), at::kBFloat16);
  EXPECT_EQ(weights.at("b").scalar_type(), at::kFloat);
  EXPECT_EQ(weights.at("a")[1][2].item<float>(), 6.0F);
  EXPECT_EQ(weights.bytes(), 6 * 2 + 6 * 4);
  EXPECT_THROW(weights.at("c"), CheckError);
}

TEST_F(LoadWeights, ReadsShardsThroughTheIndex) {
  write("model-1.safetensors", {tensor("A", {2, 3})});
  write("model-2.safetensors", {tensor("B", {6})});
  std::ofstream(folder_ / "model.safetensors.index.json") << R"({"weight_map": {"A": "model-1.safetensors", "B": "model-2.safetensors"}})";
  EXPECT_EQ(load_weights(folder_, "model", table_, {.dtype = at::kFloat}).at("b")[5].item<float>(), 6.0F);
}

TEST_F(LoadWeights, ListsEveryFaultInOneError) {
  write("model.safetensors", {tensor("A", {3, 2}), tensor("extra", {6}), tensor("integers", {6}, io::Dtype::i32)});
  try {
    load_weights(folder_, "model", table_, {});
    FAIL() << "accepted";
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("shape: A is [3, 2], expected [2, 3]"), HasSubstr("missing: B [6]"),
                                    HasSubstr("extra: extra"), HasSubstr("extra: integers"), HasSubstr("(4 faults)")));
  }
}

TEST_F(LoadWeights, RefusesWrongDtypesAndDamagedIndexes) {
  write("model.safetensors", {tensor("A", {2, 3}, io::Dtype::i32), tensor("B", {6})});
  EXPECT_THROW(load_weights(folder_, "model", table_, {}), UsageError);
  EXPECT_THROW(load_weights(folder_, "absent", table_, {}), UsageError);
  std::ofstream(folder_ / "x.safetensors.index.json") << R"({"weight_map": {"A": "../model.safetensors", "B": "model.safetensors"}})";
  EXPECT_THROW(load_weights(folder_, "x", table_, {}), UsageError);
  std::ofstream(folder_ / "y.safetensors.index.json") << R"({"weight_map": {"A": "model.safetensors", "lacking": "model.safetensors"}})";
  EXPECT_THROW(load_weights(folder_, "y", table_, {}), UsageError);
}

TEST(RandomWeights, AreTheSameEverywhere) {
  const TensorTable table = {{.name = "w", .diffusers = "w", .shape = {4, 16}}, {.name = "norm.weight", .diffusers = "n", .shape = {4}}};
  const auto weights = random_weights(table, {.dtype = at::kFloat}, 7);
  EXPECT_FLOAT_EQ(weights.at("w")[0][0].item<float>(), random_weights(table, {.dtype = at::kFloat}, 7).at("w")[0][0].item<float>());
  EXPECT_FALSE(weights.at("w").equal(random_weights(table, {.dtype = at::kFloat}, 8).at("w")));
  EXPECT_LE(weights.at("w").abs().amax().item<float>(), std::sqrt(3.0F / 16.0F) * 1.01F);
  EXPECT_NEAR(weights.at("norm.weight").mean().item<float>(), 1.0F, 0.06F);
}

}  // namespace
}  // namespace wan::checkpoint
