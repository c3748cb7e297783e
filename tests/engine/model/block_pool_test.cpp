#include "engine/model/block_pool.h"

#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include <array>

#include "engine/base/error.h"
#include "engine/configuration.h"
#include "engine/model/tensor_table.h"
#include "engine/model/transformer.h"
#include "engine/runtime/device.h"
#include "engine/runtime/tensor.h"
#include "tests/support/engine/cuda.h"
#include "tests/support/engine/tensors.h"

namespace wan::model {
namespace {

constexpr int kLayers = 5;
constexpr int kBlocksAndHead = 2 * 10 * kLayers;  // linear layers in the blocks of two experts

TransformerConfig config_of_five() {
  return {.heads = 2,
          .head_dim = 16,
          .ffn_dim = 64,
          .layers = kLayers,
          .in_channels = 4,
          .out_channels = 4,
          .text_dim = 16,
          .text_length = 7,
          .freq_dim = 16};
}

checkpoint::Weights weights_of(int expert, at::Device device) {
  return checkpoint::random_weights(transformer_tensors(config_of_five()),
                                    {.dtype = at::kBFloat16, .device = device, .keep_float32 = keep_float32},
                                    static_cast<std::uint64_t>(expert) + 1);
}

struct Experts {
  std::unique_ptr<BlockPool> pool = {};  // null: resident
  std::vector<Transformer> transformers = {};
};

Experts make_experts(int count, std::int64_t slots, const std::shared_ptr<const Seams>& seams, at::Device device = at::kCPU) {
  Experts experts;
  if (slots > 0) experts.pool = std::make_unique<BlockPool>(device, slots);
  for (int i = 0; i < count; ++i)
    experts.transformers.emplace_back(
        config_of_five(), [i, device](int) { return weights_of(i, device); }, i == 0 ? Part::high_noise : Part::low_noise, seams,
        experts.pool ? experts.pool->make_store() : resident_blocks());
  return experts;
}

// The experts' outputs along `passes`; the first pass of an expert prepares the text, which walks over the blocks as well.
std::vector<at::Tensor> run(Experts& experts, const std::vector<int>& passes, at::Device device = at::kCPU) {
  if (experts.pool) experts.pool->expect(passes);
  const at::Tensor latents = test::random_tensor({1, 4, 2, 4, 4}, 3).to(device), embeds = test::random_tensor({1, 5, 16}, 4).to(device);
  std::vector<std::optional<TextContext>> texts(experts.transformers.size());
  std::vector<at::Tensor> outputs;
  for (const int expert : passes) {
    const Transformer& transformer = experts.transformers[static_cast<std::size_t>(expert)];
    auto& text = texts[static_cast<std::size_t>(expert)];
    if (!text) {
      text = transformer.prepare_text(embeds);
      continue;
    }
    outputs.push_back(transformer.forward(latents, transformer.prepare_time(std::array{500.0}), *text,
                                          transformer.prepare_rope(latents.sizes()), nullptr));
  }
  return outputs;
}

void expect_equal(const std::vector<at::Tensor>& a, const std::vector<at::Tensor>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_TRUE(a[i].cpu().equal(b[i].cpu())) << "output " << i;
}

std::shared_ptr<const Seams> seams_of(const std::vector<OptimizationChoice>& choices, const std::string& device = "cpu") {
  return std::make_shared<const Seams>(apply_configuration(choices, {.kind = device, .blocks = kLayers}).seams);
}

const std::vector<int> kOneExpert = {0, 0, 0, 0}, kTwoExperts = {0, 0, 0, 1, 1, 1};

TEST(BlockPool, StreamedBlocksGiveTheResidentOnesResultToTheBit) {
  const auto seams = test::shared_reference_seams();
  auto resident = make_experts(1, 0, seams);
  const auto expected = run(resident, kOneExpert);
  for (const std::int64_t slots : {2, 3, kLayers - 1, kLayers, kLayers + 1, 40}) {
    SCOPED_TRACE(slots);
    auto streamed = make_experts(1, slots, seams);
    expect_equal(run(streamed, kOneExpert), expected);
    EXPECT_EQ(streamed.pool->misses(), 0) << "a block was asked for before it was on its way";
  }
}

// The switch: with a slot more than an expert has blocks, every block of the second one is on its way before it is asked for.
TEST(BlockPool, TheSecondExpertTakesTheFirstOnesPlace) {
  const auto seams = test::shared_reference_seams();
  auto resident = make_experts(2, 0, seams), offloaded = make_experts(2, kLayers + 1, seams);
  const auto expected = run(resident, kTwoExperts);
  expect_equal(run(offloaded, kTwoExperts), expected);
  EXPECT_EQ(offloaded.pool->misses(), 0);
  EXPECT_EQ(offloaded.pool->copies(), 2 * kLayers) << "each block was copied once";
  offloaded.pool->release();
  expect_equal(run(offloaded, kTwoExperts), expected);  // and again, as the next request does
  EXPECT_EQ(offloaded.pool->misses(), 0);
}

TEST(BlockPool, UnexpectedPassesAreRightToo) {
  const auto seams = test::shared_reference_seams();
  auto resident = make_experts(2, 0, seams), streamed = make_experts(2, 3, seams);
  const std::vector<int> zigzag = {0, 1, 0, 1, 1, 0};
  const auto expected = run(resident, zigzag);
  streamed.pool->expect(std::vector<int>{1});
  const auto pool = std::exchange(streamed.pool, nullptr);  // so that `run` tells it nothing
  expect_equal(run(streamed, zigzag), expected);
  EXPECT_GT(pool->misses(), 0);
}

TEST(BlockPool, PacksOnceAndStreamsThePackedForm) {
  for (const char* id : {"int8_linear", "fp8_linear"}) {
    SCOPED_TRACE(id);
    auto counted = apply_configuration(std::vector<OptimizationChoice>{{.id = id}}, {.kind = "cpu", .blocks = kLayers}).seams;
    int packed = 0;
    counted.pack_linear = [&packed, before = counted.pack_linear](Linear& layer) {
      before(layer);
      packed += layer.id.block >= 0;
    };
    const auto seams = std::make_shared<const Seams>(std::move(counted));
    auto resident = make_experts(2, 0, seams);
    const auto expected = run(resident, kTwoExperts);
    packed = 0;
    auto streamed = make_experts(2, 2, seams);
    EXPECT_EQ(packed, kBlocksAndHead);
    expect_equal(run(streamed, kTwoExperts), expected);
    EXPECT_EQ(packed, kBlocksAndHead);
    auto wide = make_experts(2, 2, test::shared_reference_seams());
    EXPECT_LT(streamed.pool->host_bytes(), wide.pool->host_bytes());
  }
}

TEST(BlockPool, ABlockThatFallsBackIsStreamedAtItsNewSize) {
  auto wide = make_experts(1, 0, test::shared_reference_seams());
  const auto seams = seams_of({{.id = "fp8_linear", .parameters = {{"scope", std::string("ffn_cross")}}}});
  auto resident = make_experts(1, 0, seams), streamed = make_experts(1, 3, seams);
  for (int block = 0; block < kLayers; ++block) {
    for (Experts* experts : {&resident, &streamed}) {
      EXPECT_TRUE(experts->transformers[0].use_reference_weights(block));
      EXPECT_FALSE(experts->transformers[0].use_reference_weights(block)) << "nothing is left to fall back from";
    }
    expect_equal(run(streamed, kOneExpert), run(resident, kOneExpert));
  }
  expect_equal(run(streamed, kOneExpert), run(wide, kOneExpert));
}

TEST(BlockPool, APassThatWasBrokenOffLeavesNoTrace) {
  BlockPool pool(at::kCPU, 2);
  const auto store = pool.make_store();
  for (int i = 0; i < kLayers; ++i) store->add({.modulation = test::random_tensor({1, 6, 8}, static_cast<std::uint64_t>(i))});
  pool.expect(std::vector<int>{0, 0});
  EXPECT_THROW(with_block(*store, 0, [](const Block&) -> int { throw std::runtime_error("broken"); }), std::runtime_error);
  for (int pass = 0; pass < 2; ++pass)
    for (int i = 0; i < kLayers; ++i)
      EXPECT_TRUE(with_block(*store, i, [&](const Block& block) {
        return block.modulation.equal(test::random_tensor({1, 6, 8}, static_cast<std::uint64_t>(i)));
      }));
}

TEST(BlockPool, OneSlotIsTooFew) { EXPECT_THROW(BlockPool(at::kCPU, 1), CheckError); }

TEST(BlockPoolGpu, OffloadedAndStreamedAreResidentToTheBitAndTakeLess) {
  WAN_SKIP_WITHOUT_CUDA();
  const c10::InferenceMode inference;
  const at::Device device = runtime::open_device("cuda");
  for (const std::vector<OptimizationChoice>& choices : {std::vector<OptimizationChoice>{}, {{.id = "int8_linear"}}}) {
    const auto seams = seams_of(choices, "cuda");
    auto resident = make_experts(2, 0, seams, device);
    const auto expected = run(resident, kTwoExperts, device);
    for (const std::int64_t slots : {2, 3, kLayers + 1}) {
      SCOPED_TRACE(slots);
      auto pooled = make_experts(2, slots, seams, device);
      for (int again = 0; again < 5; ++again) {
        expect_equal(run(pooled, kTwoExperts, device), expected);
        if (again % 2 == 0) pooled.pool->release();
      }
    }
  }
}

}  // namespace
}  // namespace wan::model
