#include "engine/vae/vae.h"

#include <set>

#include "engine/base/error.h"
#include "engine/seams.h"
#include "engine/train/objective.h"
#include "engine/vae/blocks.h"
#include "engine/vae/layout.h"
#include "engine/vae/temporal_cache.h"
#include "tests/engine/vae/fixtures.h"

namespace wan::vae {
namespace {

struct Architecture {
  const char* name;
  VaeConfig (*config)();
};

class VaeOf : public testing::TestWithParam<Architecture> {
 protected:
  VaeConfig config_ = GetParam().config();
  std::shared_ptr<Seams> seams_ = std::make_shared<Seams>(reference_seams());
};

// Chunked and whole passes run the same sums over the same terms; in float64 only the blocking of those sums differs.
constexpr double kFloat64Noise = 1e-12;

TEST_P(VaeOf, DecodesTheSameInChunksOfAnySize) {
  const checkpoint::Weights weights = make_weights(config_, at::kDouble);
  const Vae vae(config_, weights, seams_);
  const at::Tensor latents = waves({2, config_.z_dim, 5, 3, 4}, at::kDouble);
  const at::Tensor whole = vae.decode(latents);
  EXPECT_EQ(whole.scalar_type(), at::kDouble);
  for (const std::int64_t chunk : {1, 2, 3, 5, 9})
    EXPECT_LT(max_error(vae.decode(latents, {.chunk_latent_frames = chunk}), whole), kFloat64Noise) << "chunk " << chunk;
}

TEST_P(VaeOf, EncodesTheSameInChunksOfAnySize) {
  const checkpoint::Weights weights = make_weights(config_, at::kDouble);
  const Vae vae(config_, weights, seams_);
  const std::int64_t cell = config_.spatial_factor();
  const at::Tensor video = waves({2, 3, config_.frames(5), 3 * cell, 2 * cell}, at::kDouble);
  const at::Tensor whole = vae.encode(video);
  for (const std::int64_t chunk : {1, 2, 3, 5, 9})
    EXPECT_LT(max_error(vae.encode(video, chunk), whole), kFloat64Noise) << "chunk " << chunk;
}

TEST_P(VaeOf, DecodesNoFrameFromLaterLatents) {
  const checkpoint::Weights weights = make_weights(config_);
  const Vae vae(config_, weights, seams_);
  const at::Tensor latents = waves({1, config_.z_dim, 4, 2, 2});
  at::Tensor changed = latents.clone();
  changed.select(2, 3).add_(1);
  const at::Tensor before = vae.decode(latents);
  const at::Tensor after = vae.decode(changed);
  const std::int64_t kept = config_.frames(3);
  EXPECT_EQ(max_error(after.narrow(2, 0, kept), before.narrow(2, 0, kept)), 0);
  EXPECT_GT(max_error(after.narrow(2, kept, 1), before.narrow(2, kept, 1)), 0);
}

TEST_P(VaeOf, ShapesOfBothDirectionsAreInverse) {
  const checkpoint::Weights weights = make_weights(config_);
  const Vae vae(config_, weights, seams_);
  const std::int64_t cell = config_.spatial_factor();
  for (const std::int64_t length : {1, 2, 3}) {
    const at::Tensor video = vae.decode(waves({1, config_.z_dim, length, 2, 3}));
    EXPECT_EQ(video.sizes().vec(), (std::vector<std::int64_t>{1, 3, config_.frames(length), 2 * cell, 3 * cell}));
    EXPECT_EQ(vae.encode(video).sizes().vec(), (std::vector<std::int64_t>{1, config_.z_dim, length, 2, 3}));
  }
}

TEST_P(VaeOf, EveryWeightIsUsedAndGradientsReachIt) {
  checkpoint::Weights weights = make_weights(config_);
  for (auto& [name, tensor] : weights.tensors) tensor.requires_grad_(true);
  const Vae vae(config_, weights, seams_);
  const at::Tensor latents = waves({1, config_.z_dim, 3, 2, 2}).requires_grad_(true);
  const at::Tensor video = vae.decode(latents);
  (video.square().mean() + vae.encode(video, 1).square().mean()).backward();
  EXPECT_GT(latents.grad().abs().max().item<double>(), 0);
  for (const auto& [name, tensor] : weights.tensors) {
    ASSERT_TRUE(tensor.grad().defined()) << name;
    EXPECT_TRUE(tensor.grad().isfinite().all().item<bool>()) << name;
    if (name.starts_with("conv1.")) continue;  // half of it makes the variance, which nothing uses
    EXPECT_GT(tensor.grad().abs().max().item<double>(), 0) << name;
  }
}

// A device's float32 convolutions copy what comes channels-last, others what comes plain (Vae, arranged). On the CPU, float32's are
// oneDNN's, which answer in the order asked; float64's answer in the plain one.
TEST_P(VaeOf, TheMiddleBlockKeepsTheOrderOfItsInput) {
  for (const auto& [dtype, order] :
       {std::pair(at::kDouble, at::MemoryFormat::Contiguous), {at::kFloat, at::MemoryFormat::ChannelsLast3d}}) {
    const checkpoint::Weights weights = make_weights(config_, dtype);
    Loader loader(weights, *seams_);
    const HalfLayout layout = decoder_layout(config_);
    const MiddleBlock middle(loader, layout);
    TemporalCache cache;
    Pass pass{*seams_, cache};
    cache.begin_chunk(/*last=*/true);
    const at::Tensor y = middle(waves({1, layout.middle, 3, 4, 5}, dtype).contiguous(order), pass);
    EXPECT_TRUE(y.is_contiguous(order)) << "order " << static_cast<int>(order);
  }
}

// Each copy into another order and back would cost more than the convolution between them.
TEST_P(VaeOf, TrainingStaysChannelsLast) {
  checkpoint::Weights weights = make_weights(config_);
  for (auto& [name, tensor] : weights.tensors) tensor.requires_grad_(true);
  const auto order_of = [](const at::Tensor& t) {
    return t.dim() == 5 ? at::MemoryFormat::ChannelsLast3d : at::MemoryFormat::ChannelsLast;
  };
  std::size_t followed = 0, gradients = 0;
  const auto follow = [&](const at::Tensor& output, const std::string& name) {
    ++followed;
    output.register_hook([&, name](const at::Tensor& gradient) {
      ++gradients;
      // A part of a longer video has its order, and gaps between clips.
      EXPECT_EQ(gradient.suggest_memory_format(), order_of(gradient)) << "gradient behind " << name << ": " << gradient.strides();
    });
  };
  // LibTorch's own convolutions hand plain gradients back on the CPU, a device's and the fused kernel such as this.
  const auto answers_in_order = [&](const at::Tensor& x) {
    const at::Tensor seen = x.view_as(x);
    if (seen.requires_grad()) seen.register_hook([&](const at::Tensor& gradient) { return gradient.contiguous(order_of(gradient)); });
    return seen;
  };
  seams_->convolve = [&, next = seams_->convolve](const Convolution& layer, const at::Tensor& x) {
    EXPECT_TRUE(x.is_contiguous(order_of(x))) << to_string(layer.id) << ": " << x.sizes() << ", " << x.strides();
    const at::Tensor y = next(layer, answers_in_order(x));
    // The divergence, a mean of latents, hands its gradient back in the plain order: the one small copy that is left.
    const bool makes_latents = layer.weight.size(0) == 2 * config_.z_dim && layer.weight.size(-1) == 1;
    if (!makes_latents) follow(y, to_string(layer.id));
    return y;
  };
  seams_->extend_activated = [&, next = seams_->extend_activated](const ExtendActivated& in) {
    EXPECT_TRUE(in.x.is_contiguous(order_of(in.x))) << in.x.sizes() << ", " << in.x.strides();
    const at::Tensor y = next({.history = in.history, .frames = in.frames, .x = answers_in_order(in.x), .gamma = in.gamma});
    follow(y, "norm and SiLU");
    return y;
  };
  const Vae vae(config_, weights, seams_);
  const std::int64_t cell = config_.spatial_factor();
  const at::Tensor video = waves({2, 3, config_.frames(3), 3 * cell, 2 * cell}).contiguous(at::MemoryFormat::ChannelsLast3d);
  const Posterior posterior = vae.encode_distribution(video);
  const at::Tensor rebuilt = vae.decode(posterior.mean + (posterior.log_variance / 2).exp());
  EXPECT_TRUE(rebuilt.is_contiguous(at::MemoryFormat::ChannelsLast3d));
  const at::Tensor error = rebuilt - video;
  (train::reconstruction_loss(error) + train::edge_loss(error) + train::divergence(posterior)).backward();
  EXPECT_EQ(gradients, followed);
  for (const auto& [name, tensor] : weights.tensors) EXPECT_TRUE(tensor.grad().defined()) << name;
}

TEST_P(VaeOf, EveryConvolutionOfTheTableIsPackedOnceUnderItsOwnId) {
  const checkpoint::Weights weights = make_weights(config_);
  std::set<const void*> packed;
  std::set<LayerId> ids;
  seams_->pack_convolution = [&](Convolution& layer) {
    EXPECT_TRUE(packed.insert(layer.weight.const_data_ptr()).second) << to_string(layer.id);
    EXPECT_TRUE(ids.insert(layer.id).second) << to_string(layer.id);
    EXPECT_EQ(layer.id.part, Part::vae);
    EXPECT_EQ(layer.stride.size() + 2, static_cast<std::size_t>(layer.weight.dim()));
    EXPECT_EQ(layer.padding.size(), layer.stride.size());
  };
  const Vae vae(config_, weights, seams_);
  std::size_t convolutions = 0;
  for (const auto& [name, tensor] : weights.tensors)
    if (name.ends_with(".weight")) {
      ++convolutions;
      EXPECT_TRUE(packed.contains(tensor.const_data_ptr())) << name;
    }
  EXPECT_EQ(packed.size(), convolutions);
}

TEST_P(VaeOf, EveryConvolutionGoesThroughTheSeam) {
  const checkpoint::Weights weights = make_weights(config_);
  std::set<LayerId> called;
  const auto reference = seams_->convolve;
  seams_->convolve = [&](const Convolution& layer, const at::Tensor& x) {
    called.insert(layer.id);
    return reference(layer, x);
  };
  const Vae vae(config_, weights, seams_);
  vae.encode(vae.decode(waves({1, config_.z_dim, 2, 2, 2})), 1);
  std::size_t convolutions = 0;
  for (const auto& [name, tensor] : weights.tensors) convolutions += name.ends_with(".weight");
  EXPECT_EQ(called.size(), convolutions);
}

struct Hidden final : PackedWeight {
  explicit Hidden(at::Tensor tensor) : weight(std::move(tensor)) {}
  std::shared_ptr<const PackedWeight> with_tensors(const TensorChange& change) const override {
    return std::make_shared<Hidden>(change(weight));
  }
  at::Tensor weight;
};

TEST_P(VaeOf, AFillerMayDropTheWeightsThatItPacks) {
  const checkpoint::Weights weights = make_weights(config_);
  const at::Tensor latents = waves({1, config_.z_dim, 2, 2, 2});
  const at::Tensor expected = Vae(config_, weights, seams_).decode(latents);
  seams_->pack_convolution = [](Convolution& layer) {
    layer.packed = std::make_shared<Hidden>(layer.weight);
    layer.weight = at::Tensor();
  };
  seams_->convolve = [before = seams_->convolve](const Convolution& layer, const at::Tensor& x) {
    Convolution whole = layer;
    whole.weight = dynamic_cast<const Hidden&>(*layer.packed).weight;
    return before(whole, x);
  };
  EXPECT_EQ(max_error(Vae(config_, weights, seams_).decode(latents), expected), 0);
}

TEST_P(VaeOf, Bfloat16StaysNearFloat32) {
  const at::Tensor latents = waves({1, config_.z_dim, 3, 3, 4});
  const checkpoint::Weights wide = make_weights(config_);
  const checkpoint::Weights narrow = make_weights(config_, at::kBFloat16);
  const at::Tensor expected = Vae(config_, wide, seams_).decode(latents);
  const at::Tensor actual = Vae(config_, narrow, seams_).decode(latents);
  EXPECT_EQ(actual.scalar_type(), at::kFloat);
  // The weights are bfloat16 values in both. About 20 roundings of activations in a row, 2^-9 relative each, in quadrature: 0.9 % of the
  // norm.
  const double error = (actual - expected).norm().item<double>() / expected.norm().item<double>();
  EXPECT_LT(error, 0.03);
  EXPECT_GT(error, 1e-4) << "that near is float32, not bfloat16";
}

TEST_P(VaeOf, RejectsShapesThatItCannotTake) {
  const checkpoint::Weights weights = make_weights(config_);
  const Vae vae(config_, weights, seams_);
  const std::int64_t cell = config_.spatial_factor();
  EXPECT_THROW(vae.decode(waves({1, config_.z_dim + 1, 1, 2, 2})), CheckError);
  EXPECT_THROW(vae.decode(waves({config_.z_dim, 1, 2, 2})), CheckError);
  EXPECT_THROW(vae.decode(waves({1, config_.z_dim, 1, 2, 2}), {.chunk_latent_frames = -1}), CheckError);
  EXPECT_THROW(vae.encode(waves({1, 3, config_.frames(2) + 1, cell, cell})), CheckError);
  EXPECT_THROW(vae.encode(waves({1, 3, 1, cell, cell + 1})), CheckError);
  EXPECT_THROW(vae.encode(waves({1, 4, 1, cell, cell})), CheckError);
}

TEST_P(VaeOf, NamesAMissingWeight) {
  checkpoint::Weights weights = make_weights(config_);
  weights.tensors.erase("decoder.head.0.gamma");
  EXPECT_THROW(Vae(config_, weights, seams_), CheckError);
}

INSTANTIATE_TEST_SUITE_P(Architectures, VaeOf,
                         testing::Values(Architecture{"wan21", small_config}, Architecture{"wan22", small_residual_config}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(Vae, CacheSlotsAreThoseOfTheReference) {
  // Counted by running the official code with two residual blocks a stage and temporal steps at two of three resamplings.
  VaeConfig config = small_config();
  config.dim_mult = {1, 1, 2, 2};
  config.num_res_blocks = 2;
  config.temporal_downsample = {false, true, true};
  const checkpoint::Weights weights = make_weights(config);
  const auto seams = test::shared_reference_seams();
  const Vae vae(config, weights, seams);
  TemporalCache cache;
  vae.decode_chunk(waves({1, config.z_dim, 1, 1, 1}), cache, false);
  EXPECT_EQ(cache.slots(), 32U);
  const std::int64_t held = cache.bytes();
  vae.decode_chunk(waves({1, config.z_dim, 2, 1, 1}), cache, false);
  EXPECT_GT(cache.bytes(), held) << "the temporal doublings remember from the second chunk on";
  vae.decode_chunk(waves({1, config.z_dim, 1, 1, 1}), cache, true);
  EXPECT_EQ(cache.bytes(), 0);
  EXPECT_THROW(vae.decode_chunk(waves({1, config.z_dim, 1, 1, 1}), cache, true), CheckError);
}

}  // namespace
}  // namespace wan::vae
