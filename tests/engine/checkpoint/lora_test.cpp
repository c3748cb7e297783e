#include "engine/checkpoint/lora.h"

#include "engine/checkpoint/weights.h"
#include "engine/io/safetensors.h"
#include "engine/runtime/tensor.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/usage_error.h"

namespace wan::checkpoint {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using Shape = std::vector<std::int64_t>;

constexpr std::int64_t kOut = 3, kIn = 4;

const TensorTable kTable = {
    {.name = "blocks.0.self_attn.q.weight", .diffusers = "blocks.0.attn1.to_q.weight", .shape = {kOut, kIn}},
    {.name = "blocks.0.self_attn.q.bias", .diffusers = "blocks.0.attn1.to_q.bias", .shape = {kOut}},
    {.name = "blocks.0.ffn.0.weight", .diffusers = "blocks.0.ffn.net.0.proj.weight", .shape = {kOut, kIn}},
    {.name = "patch_embedding.weight", .diffusers = "patch_embedding.weight", .shape = {kOut, 1, 1, 2, 2}},
    {.name = "blocks.0.modulation", .diffusers = "blocks.0.scale_shift_table", .shape = {1, 6, kOut}},
};

class Lora : public ::testing::Test {
 protected:
  struct Given {
    std::string key;
    Shape shape;
    float first = 0;  // values count up from here in steps of 1/8, so products and sums below are exact in float32
    io::Dtype dtype = io::Dtype::f32;
  };
  static std::vector<float> values(const Given& given) {
    std::int64_t count = 1;
    for (const auto n : given.shape) count *= n;
    std::vector<float> out;
    for (std::int64_t i = 0; i < count; ++i) out.push_back(given.first + 0.125F * static_cast<float>(i));
    return out;
  }
  LoraFile write(const std::string& file, const std::vector<Given>& tensors, double scale = 1.0,
                 const std::map<std::string, std::string>& metadata = {}) {
    std::vector<std::vector<float>> data;
    std::vector<io::TensorToWrite> out;
    for (const Given& given : tensors) data.push_back(values(given));
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      auto bytes = std::as_bytes(std::span(data[i]));
      out.push_back({.name = tensors[i].key,
                     .dtype = tensors[i].dtype,
                     .shape = tensors[i].shape,
                     .data = bytes.first(io::dense_bytes(tensors[i].shape, tensors[i].dtype).value())});
    }
    io::write_safetensors(folder_ / file, out, metadata);
    return {.path = folder_ / file, .scale = scale};
  }

  // scale * alpha / rank * B A, by the definition, in double.
  static std::vector<double> product(const Given& b, const Given& a, double factor) {
    const auto up = values(b), down = values(a);
    const auto rank = a.shape[0], in = static_cast<std::int64_t>(down.size()) / rank;
    std::vector<double> out;
    for (std::int64_t row = 0; row < b.shape[0]; ++row)
      for (std::int64_t column = 0; column < in; ++column) {
        double sum = 0;
        for (std::int64_t k = 0; k < rank; ++k) sum += double{up[row * rank + k]} * double{down[k * in + column]};
        out.push_back(factor * sum);
      }
    return out;
  }

  static void expect_addition(const Additions& additions, const std::string& name, const std::vector<double>& expected) {
    ASSERT_TRUE(additions.contains(name)) << name;
    const at::Tensor actual = additions.at(name)().contiguous().flatten();
    ASSERT_EQ(actual.scalar_type(), at::kFloat);
    ASSERT_EQ(actual.numel(), static_cast<std::int64_t>(expected.size()));
    for (std::size_t i = 0; i < expected.size(); ++i)
      EXPECT_EQ(actual[static_cast<std::int64_t>(i)].item<float>(), static_cast<float>(expected[i])) << name << " at " << i;
  }

  testing::TemporaryFolder folder_;
  const Given up_ = {.key = "", .shape = {kOut, 2}, .first = 1}, down_ = {.key = "", .shape = {2, kIn}, .first = -0.5F};
  static Given named(const Given& given, const std::string& key) { return {key, given.shape, given.first, given.dtype}; }
};

TEST_F(Lora, TakesEveryWayOfNamingALayer) {
  const auto expected = product(up_, down_, 0.5 * 4.0 / 2.0);
  int file = 0;
  for (const auto& [layer, down, up] : std::vector<std::array<std::string, 3>>{
           {"diffusion_model.blocks.0.self_attn.q", ".lora_A.weight", ".lora_B.weight"},
           {"diffusion_model.blocks.0.self_attn.q", ".lora_down.weight", ".lora_up.weight"},
           {"transformer.blocks.0.attn1.to_q", ".lora_A.weight", ".lora_B.weight"},
           {"base_model.model.blocks.0.self_attn.q", ".lora_A.default.weight", ".lora_B.default.weight"},
           {"model.diffusion_model.blocks.0.self_attn.q", ".lora_A.weight", ".lora_B.weight"},
           {"blocks.0.self_attn.q", ".lora_A.weight", ".lora_B.weight"},
           {"blocks.0.attn1.to_q", ".lora_down.weight", ".lora_up.weight"},
           {"lora_unet_blocks_0_self_attn_q", ".lora_down.weight", ".lora_up.weight"},
           {"lora_unet_blocks_0_attn1_to_q", ".lora_down.weight", ".lora_up.weight"}}) {
    SCOPED_TRACE(layer);
    const auto lora = write(std::to_string(file++), {named(down_, layer + down), named(up_, layer + up), {layer + ".alpha", {}, 4}}, 0.5);
    const auto additions = lora_additions(std::span(&lora, 1), kTable, LoraExpert::only);
    EXPECT_EQ(additions.size(), 1U);
    expect_addition(additions, "blocks.0.self_attn.q.weight", expected);
  }
}

TEST_F(Lora, WithoutAlphaIsAsStrongAsItsRank) {
  const auto lora = write("x", {named(down_, "blocks.0.ffn.0.lora_A.weight"), named(up_, "blocks.0.ffn.0.lora_B.weight")});
  expect_addition(lora_additions(std::span(&lora, 1), kTable, LoraExpert::only), "blocks.0.ffn.0.weight", product(up_, down_, 1.0));
}

// What diffusers writes: alpha in the metadata, for all layers.
TEST_F(Lora, TakesAlphaFromTheMetadata) {
  const std::vector<Given> tensors = {named(down_, "transformer.blocks.0.attn1.to_q.lora_A.weight"),
                                      named(up_, "transformer.blocks.0.attn1.to_q.lora_B.weight")};
  const auto with = [&](const std::string& json) { return write("x", tensors, 1.0, {{"lora_adapter_metadata", json}}); };
  auto lora = with(R"({"transformer.r": 2, "transformer.lora_alpha": 8, "transformer.alpha_pattern": {}, "transformer.use_dora": false})");
  expect_addition(lora_additions(std::span(&lora, 1), kTable, LoraExpert::only), "blocks.0.self_attn.q.weight", product(up_, down_, 4.0));
  for (const auto& [json, named] : {std::pair{R"({"transformer.use_dora": true})", "use_dora"},
                                    {R"({"transformer.alpha_pattern": {"to_q": 2}})", "alpha_pattern"},
                                    {"no json", "lora_adapter_metadata"}}) {
    lora = with(json);
    EXPECT_USAGE_ERROR(lora_additions(std::span(&lora, 1), kTable, LoraExpert::only), HasSubstr(named));
  }
}

TEST_F(Lora, SeveralFilesAndDifferencesAddUp) {
  const Given difference = {"diffusion_model.blocks.0.self_attn.q.diff", {kOut, kIn}, 2}, bias = {"blocks.0.self_attn.q.diff_b", {kOut}, 3};
  const std::vector<LoraFile> files = {
      write("a", {named(down_, "blocks.0.self_attn.q.lora_A.weight"), named(up_, "blocks.0.self_attn.q.lora_B.weight")}, 2.0),
      write("b", {difference, bias}, -1.0)};
  const auto additions = lora_additions(files, kTable, LoraExpert::only);
  auto expected = product(up_, down_, 2.0);
  const auto subtracted = values(difference);
  for (std::size_t i = 0; i < expected.size(); ++i) expected[i] -= subtracted[i];
  expect_addition(additions, "blocks.0.self_attn.q.weight", expected);
  expect_addition(additions, "blocks.0.self_attn.q.bias", {-3, -3.125, -3.25});
}

TEST_F(Lora, OfAConvolutionIsTheProductOfItsKernels) {
  const Given down = {"patch_embedding.lora_A.weight", {2, 1, 1, 2, 2}, -1}, up = {"patch_embedding.lora_B.weight", {kOut, 2, 1, 1, 1}, 1};
  const auto lora = write("x", {down, up});
  const auto additions = lora_additions(std::span(&lora, 1), kTable, LoraExpert::only);
  EXPECT_EQ(additions.at("patch_embedding.weight")().sizes().vec(), (Shape{kOut, 1, 1, 2, 2}));
  expect_addition(additions, "patch_embedding.weight", product(up, down, 1.0));
}

TEST_F(Lora, MayHoldBothExperts) {
  const Given low_down = {"transformer_2.blocks.0.attn1.to_q.lora_A.weight", down_.shape, 3};
  const auto lora = write(
      "x", {named(down_, "transformer.blocks.0.attn1.to_q.lora_A.weight"), named(up_, "transformer.blocks.0.attn1.to_q.lora_B.weight"),
            low_down, named(up_, "transformer_2.blocks.0.attn1.to_q.lora_B.weight")});
  const auto of = [&](LoraExpert expert) { return lora_additions(std::span(&lora, 1), kTable, expert); };
  expect_addition(of(LoraExpert::high_noise), "blocks.0.self_attn.q.weight", product(up_, down_, 1.0));
  expect_addition(of(LoraExpert::low_noise), "blocks.0.self_attn.q.weight", product(up_, low_down, 1.0));
  EXPECT_USAGE_ERROR(of(LoraExpert::only), HasSubstr("transformer_2.blocks.0.attn1.to_q.lora_A.weight"));
}

TEST_F(Lora, ListsEveryFaultOfEveryFile) {
  const std::vector<LoraFile> files = {write("a", {{"lora_te_text_model.lora_down.weight", {2, 4}},
                                                   {"blocks.7.self_attn.q.lora_A.weight", {2, 4}},
                                                   {"blocks.0.self_attn.q.dora_scale", {3}},
                                                   {"blocks.0.self_attn.q.lora_A.weight", {2, 5}},
                                                   {"blocks.0.self_attn.q.lora_B.weight", {3, 2}},
                                                   {"blocks.0.ffn.0.lora_A.weight", {2, 4}}}),
                                       write("b", {{"blocks.0.ffn.0.lora_B.weight", {3, 2}},
                                                   {"patch_embedding.diff", {3, 4}},
                                                   {"blocks.0.ffn.0.diff_b", {3}},
                                                   {"blocks.0.self_attn.q.lora_A.weight", {2, 4}, 0, io::Dtype::i32},
                                                   {"blocks.0.self_attn.q.alpha", {2}},
                                                   {"blocks.0.attn1.to_q.alpha", {}}}),
                                       write("c", {})};
  EXPECT_USAGE_ERROR(
      lora_additions(files, kTable, LoraExpert::only),
      AllOf(HasSubstr("a: 'lora_te_text_model.lora_down.weight' fits no weight"), HasSubstr("'blocks.7.self_attn.q.lora_A.weight' fits"),
            HasSubstr("'blocks.0.self_attn.q.dora_scale' fits"), HasSubstr("[3, 2] times [2, 5] is no [3, 4]"),
            HasSubstr("a: 'blocks.0.ffn.0': lacks its lora_B"), HasSubstr("b: 'blocks.0.ffn.0': lacks its lora_A"),
            HasSubstr("'patch_embedding.weight'"), HasSubstr("'blocks.0.ffn.0.bias'"), HasSubstr("is I32"),
            HasSubstr("two tensors for one part"), HasSubstr("c: holds no tensor")));
}

// The whole way: bfloat16 weights, merged in float32, rounded once.
TEST_F(Lora, IsMergedBeforeTheOneRounding) {
  const auto lora = write("x", {named(down_, "blocks.0.ffn.0.lora_A.weight"), named(up_, "blocks.0.ffn.0.lora_B.weight")}, 0x1p-7);
  const std::vector<float> stored(kOut * kIn, 1.0F + 0x1p-9F);
  const Source source{
      .place = "memory", .layout = Layout::official, .tensors = {{"w", {.shape = {kOut, kIn}, .data = std::as_bytes(std::span(stored))}}}};
  auto additions = lora_additions(std::span(&lora, 1), kTable, LoraExpert::only);
  const auto weights = load_weights(source, {{.name = "w", .diffusers = "w", .shape = {kOut, kIn}}},
                                    {.additions = {{"w", additions.at("blocks.0.ffn.0.weight")}}});
  const auto expected = product(up_, down_, 0x1p-7);
  bool rounding_first_differs = false;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const auto sum = static_cast<float>(1.0 + 0x1p-9 + expected[i]);
    EXPECT_EQ(weights.at("w").flatten()[static_cast<std::int64_t>(i)].item<float>(), static_cast<float>(c10::BFloat16(sum)));
    rounding_first_differs |= c10::BFloat16(sum) != c10::BFloat16(static_cast<float>(1.0 + expected[i]));
  }
  EXPECT_TRUE(rounding_first_differs);
}

}  // namespace
}  // namespace wan::checkpoint
