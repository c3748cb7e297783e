#include "engine/denoise.h"

#include <ATen/ops/full.h>
#include <c10/core/Allocator.h>
#include <c10/core/InferenceMode.h>
#include <c10/util/ThreadLocalDebugInfo.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "engine/quant/packed.h"
#include "engine/runtime/tensor.h"
#include "tests/support/engine/tensors.h"

namespace wan {
namespace {

using ::testing::HasSubstr;

// A quantised layer that overflowed: whatever comes in, NaN goes out.
struct Overflowing final : quant::PackedLinear {
  explicit Overflowing(std::int64_t out) : out_features(out) {}
  at::Tensor apply(const Linear& layer, const at::Tensor& x) const override {
    auto shape = x.sizes().vec();
    shape.back() = out_features;
    return at::full(shape, std::numeric_limits<float>::quiet_NaN(), x.options().dtype(layer.dtype));
  }
  std::shared_ptr<const PackedWeight> with_tensors(const TensorChange&) const override { return std::make_shared<Overflowing>(*this); }
  std::int64_t out_features;
};

DenoiseResult run(const std::vector<OptimizationChoice>& optimizations, const std::function<void(AppliedConfiguration&)>& also,
                  bool run_ahead = false, const std::function<void(const StepView&)>& observe = {},
                  const std::vector<std::int64_t>& steps = {}) {
  const c10::InferenceMode inference;
  const std::string model = std::string(WAN_BINARY_DIR) + "/share/wan-eval/models/wan-tiny";
  Pipeline pipeline(read_pipeline_config(model), {.checkpoint_dir = model, .optimizations = optimizations}, {}, also);
  DenoiseRequest request{.noise = test::random_tensor({1, 16, 2, 6, 8}, 1),
                         .positive = pipeline.encode("A cat"),
                         .negative = pipeline.encode(""),
                         .guidance_low = 3.0,
                         .guidance_high = 4.0,
                         .solver = Solver::unipc,
                         .schedule = sampling::make_schedule(Solver::unipc, Reference::diffusers, 4, 5.0),
                         .observe = observe,
                         .steps = steps,
                         .run_ahead = run_ahead};
  return denoise(pipeline, request, {});
}

void overflow_in_block_one(AppliedConfiguration& applied) {
  quant::pack_linears(applied.seams,
                      {.takes = [](const LayerId& id) { return id.part != Part::text && id.block == 1 && id.role == Role::ffn_up; },
                       .pack = [](const Linear& layer) { return std::make_shared<Overflowing>(layer.weight.size(0)); },
                       .bytes = [](std::int64_t, std::int64_t) { return PackedBytes{}; }});
}

TEST(NanGuard, WithoutItAnOverflowReachesTheLatents) { EXPECT_FALSE(run({}, overflow_in_block_one).latents.isfinite().all().item<bool>()); }

// The faulty block falls back to its BF16 weights in both experts, once each, and the result is the unquantised one to the bit.
TEST(NanGuard, RedoesTheStepWithTheFaultyBlockInBf16AndRecordsIt) {
  const auto reference = run({}, {}), guarded = run({{.id = "nan_guard"}}, overflow_in_block_one);
  EXPECT_TRUE(guarded.latents.equal(reference.latents));
  ASSERT_EQ(guarded.fallbacks.size(), 2U);
  EXPECT_THAT(guarded.fallbacks[0], HasSubstr("block 1 of the high-noise expert at step 0"));
  EXPECT_THAT(guarded.fallbacks[1], HasSubstr("block 1 of the low-noise expert"));
  EXPECT_EQ(guarded.forwards, reference.forwards + 4);  // two steps were redone, two forwards each
}

// What a device does: the host looks at a step after it has asked for the next one, which is dropped if the look finds a fault.
TEST(NanGuard, RunningOneStepAheadEndsInTheSameLatents) {
  const auto reference = run({}, {}), guarded = run({{.id = "nan_guard"}}, overflow_in_block_one, /*run_ahead=*/true);
  EXPECT_TRUE(guarded.latents.equal(reference.latents));
  EXPECT_EQ(guarded.fallbacks.size(), 2U);
  EXPECT_EQ(guarded.step_s.size(), 4U);
  EXPECT_EQ(guarded.forwards, reference.forwards + 8) << "two faulty steps and the two dropped behind them";
}

TEST(Denoise, CountsTheStepsOfTheHighNoiseExpertWhichComeFirst) {
  std::vector<bool> low_noise;
  const auto result = run({}, {}, false, [&](const StepView& view) { low_noise.push_back(view.low_noise); });
  EXPECT_TRUE(std::is_sorted(low_noise.begin(), low_noise.end()));
  EXPECT_EQ(result.high_noise_steps, std::count(low_noise.begin(), low_noise.end(), false));
  EXPECT_GT(result.high_noise_steps, 0);
  EXPECT_LT(result.high_noise_steps, 4);
}

// The steps of a visit: the latents in front of the second expert have the noise of its first step, and the views their place in the
// schedule.
TEST(Denoise, LeavesStepsOutInAStraightLine) {
  std::vector<at::Tensor> before, velocity;
  std::vector<std::int64_t> seen;
  const auto look = [&](const StepView& view) {
    seen.push_back(view.step);
    EXPECT_EQ(view.steps, 4);
    before.push_back(view.latents);
    velocity.push_back(view.velocity);
  };
  const auto result = run({}, {}, false, look, {0, 3});
  EXPECT_EQ(seen, (std::vector<std::int64_t>{0, 3}));
  EXPECT_EQ(result.step_s.size(), 2U);
  EXPECT_EQ(result.high_noise_steps, 1);
  EXPECT_EQ(result.forwards, 4);
  const auto first = run({}, {}, false, {}, {0}).latents;  // where one step ends
  const auto sigmas = sampling::make_schedule(Solver::unipc, Reference::diffusers, 4, 5.0).sigmas;
  EXPECT_TRUE(before[1].allclose(first + velocity[0] * (sigmas[3] - sigmas[1]), 1e-5, 1e-6));
  EXPECT_TRUE(run({}, {}, true, {}, {0, 3}).latents.equal(result.latents)) << "ahead";
  EXPECT_TRUE(run({}, {}, false, {}, {0, 1, 2, 3}).latents.equal(run({}, {}).latents)) << "nothing is left out";
}

TEST(NanGuard, AStepBehindAGapIsRedoneFromWhereItBegan) {
  const auto reference = run({}, {}, false, {}, {0, 3});
  for (const bool run_ahead : {false, true}) {
    const auto guarded = run({{.id = "nan_guard"}}, overflow_in_block_one, run_ahead, {}, {0, 3});
    EXPECT_TRUE(guarded.latents.equal(reference.latents)) << run_ahead;
    EXPECT_EQ(guarded.fallbacks.size(), 2U);
  }
}

TEST(Denoise, RunningAheadReportsEveryStepOnce) { EXPECT_TRUE(run({}, {}, true).latents.equal(run({}, {}, false).latents)); }

// Numbers that are bad before any packed layer cannot be mended: the guard gives up instead of going round for ever.
TEST(NanGuard, GivesUpWhereThereIsNothingToFallBackTo) {
  const auto result = run({{.id = "nan_guard"}}, [](AppliedConfiguration& applied) {
    applied.seams.project = [before = applied.seams.project](const Linear& layer, const Activation& x) {
      const at::Tensor y = before(layer, x);
      return layer.id.role == Role::patch_embedding ? y * std::numeric_limits<float>::quiet_NaN() : y;
    };
  });
  EXPECT_FALSE(result.latents.isfinite().all().item<bool>());
  EXPECT_TRUE(result.fallbacks.empty());
}

// Offloading and streaming with plain copies, as a device would do it with its own.
class BlocksElsewhere : public ::testing::TestWithParam<Placement> {};

TEST_P(BlocksElsewhere, GiveTheResidentLatentsToTheBit) {
  const auto place = [](AppliedConfiguration& applied) {
    applied.placement.offload_experts = GetParam().offload_experts;
    applied.placement.block_slots = GetParam().block_slots;
  };
  EXPECT_TRUE(run({}, place).latents.equal(run({}, {}).latents));
  const std::vector<OptimizationChoice> int8 = {{.id = "int8_linear"}};
  EXPECT_TRUE(run(int8, place).latents.equal(run(int8, {}).latents));
  for (const bool run_ahead : {false, true}) {
    const auto faulty = [&](AppliedConfiguration& applied) {
      overflow_in_block_one(applied);
      place(applied);
    };
    const auto guarded = run({{.id = "nan_guard"}}, faulty, run_ahead);
    EXPECT_TRUE(guarded.latents.equal(run({}, {}).latents));
    EXPECT_EQ(guarded.fallbacks.size(), 2U);
  }
}

INSTANTIATE_TEST_SUITE_P(Placements, BlocksElsewhere,
                         ::testing::Values(Placement{.offload_experts = true}, Placement{.block_slots = 2}, Placement{.block_slots = 3}),
                         [](const auto& info) {
                           return info.param.offload_experts ? std::string("offloaded") : "slots_" + std::to_string(info.param.block_slots);
                         });

// What LibTorch's allocator has handed out on the host and not got back.
struct AllocatedBytes final : c10::MemoryReportingInfoBase {
  void reportMemoryUsage(void*, std::int64_t bytes, std::size_t, std::size_t, c10::Device) override { live += bytes; }
  bool memoryProfilingEnabled() const override { return true; }
  std::int64_t live = 0;
};

TEST(TextEncoderOfAPipeline, GivesItsMemoryBackWhenItIsReleasedAndComesBackTheSame) {
  const c10::InferenceMode inference;
  const auto allocated = std::make_shared<AllocatedBytes>();
  const c10::DebugInfoGuard counted(c10::DebugInfoKind::PROFILER_STATE, allocated);
  const std::string model = std::string(WAN_BINARY_DIR) + "/share/wan-eval/models/wan-tiny";
  // float32, so that the weights are converted into memory of their own instead of sharing the file's mapping.
  Pipeline pipeline(read_pipeline_config(model), {.checkpoint_dir = model, .precision = Precision::float32}, {},
                    [](AppliedConfiguration& applied) { applied.placement.unload_text_encoder = true; });
  const std::int64_t loaded = allocated->live, weights = pipeline.device_weight_bytes();
  const at::Tensor states = pipeline.encode("A cat").states;
  pipeline.release_text_encoder();
  const std::int64_t encoder_bytes = weights - pipeline.device_weight_bytes();
  EXPECT_GT(encoder_bytes, 400'000);
  const auto kept = static_cast<std::int64_t>(states.storage().nbytes());
  EXPECT_LT(allocated->live - kept, loaded - encoder_bytes + encoder_bytes / 20) << "but for small change, all of it";
  EXPECT_TRUE(pipeline.encode("A cat").states.equal(states));
  EXPECT_EQ(pipeline.device_weight_bytes(), weights);
}

}  // namespace
}  // namespace wan
