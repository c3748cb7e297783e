#include "engine/memory/plan.h"

#include <gmock/gmock.h>

#include "engine/base/error.h"
#include "engine/memory/bytes.h"

namespace wan::memory {
namespace {

using ::testing::HasSubstr;

constexpr std::int64_t kGiB = std::int64_t{1} << 30;

// Figures of the order of T2V-A14B at 1280 x 720, 81 frames, in round numbers.
Job big_job() {
  return {.weights = {.text = 11 * kGiB,
                      .vae = kGiB,
                      .outside_blocks = 2 * kGiB,
                      .block = kGiB / 2,
                      .blocks = 20 * kGiB,
                      .block_count = 40,
                      .experts = 2},
          .encoding = kGiB,
          .diffusion = 8 * kGiB,
          .decoding =
              [](const vae::Cut& cut) {
                const std::int64_t frames = cut.chunk_latent_frames == 0 ? 21 : cut.chunk_latent_frames;
                return Decoding{.bytes = frames * 5 * kGiB / (cut.tile == 0 ? 1 : cut.tile == 64 ? 5 : 12)};
              },
          .latent_frames = 21,
          .latent_side = 160,
          .tile_margin = 7};
}

Plan plan_for(std::int64_t gibibytes, const Fixed& fixed = {}) { return choose(big_job(), fixed, gibibytes * kGiB); }

TEST(MemoryPlan, TakesTheFastestThatFits) {
  const Plan roomy = plan_for(200);
  EXPECT_EQ(roomy.choices.text, TextPlace::kept);
  EXPECT_EQ(roomy.choices.experts, ExpertPlace::all);
  EXPECT_EQ(roomy.choices.cut.chunk_latent_frames, vae::kWholeSequence);
  EXPECT_EQ(roomy.choices.cut.tile, vae::kWholePicture);
  // 56 GiB of weights stay during the decode: the largest chunk that leaves them there is 4 frames of 5 GiB.
  const Plan card = plan_for(80);
  EXPECT_EQ(card.choices.text, TextPlace::kept);
  EXPECT_EQ(card.choices.experts, ExpertPlace::all);
  EXPECT_EQ(card.choices.cut.chunk_latent_frames, 4);
  EXPECT_TRUE(card.fits());
}

TEST(MemoryPlan, GivesUpPlacesInTheOrderOfTheirCost) {
  // All weights are 56 GiB and diffusion takes 8 more.
  EXPECT_EQ(plan_for(64).choices.text, TextPlace::kept);
  EXPECT_EQ(plan_for(58).choices.text, TextPlace::unloaded);
  EXPECT_EQ(plan_for(58).choices.experts, ExpertPlace::all);
  const Plan offloaded = plan_for(45);
  EXPECT_EQ(offloaded.choices.experts, ExpertPlace::one);
  const Plan streamed = plan_for(24);
  EXPECT_EQ(streamed.choices.experts, ExpertPlace::streamed);
  EXPECT_EQ(streamed.choices.block_slots, 3);
  EXPECT_EQ(streamed.choices.text, TextPlace::unloaded);
  const Plan small = plan_for(15);
  EXPECT_EQ(small.choices.text, TextPlace::host);
  EXPECT_TRUE(small.fits());
}

TEST(MemoryPlan, ChunksStayWithinWhatConvolutionsCountOnADevice) {
  Job job = big_job();
  job.decoding = [](const vae::Cut& cut) {
    const std::int64_t frames = cut.chunk_latent_frames == 0 ? 21 : cut.chunk_latent_frames;
    return Decoding{.bytes = kGiB, .largest_tensor = frames << 28};
  };
  EXPECT_EQ(choose(job, {}, 200 * kGiB).choices.cut.chunk_latent_frames, 7) << "8 << 28 is 2^31";
  job.device = false;
  EXPECT_EQ(choose(job, {}, 200 * kGiB).choices.cut.chunk_latent_frames, vae::kWholeSequence);
}

TEST(MemoryPlan, TilesComeLast) {
  Job job = big_job();
  job.decoding = [](const vae::Cut& cut) { return Decoding{.bytes = (cut.tile == 0 ? 60 : 10) * kGiB}; };
  EXPECT_EQ(choose(job, {}, 70 * kGiB).choices.cut.tile, vae::kWholePicture);
  EXPECT_EQ(choose(job, {}, 70 * kGiB).choices.experts, ExpertPlace::one);
  EXPECT_EQ(choose(job, {}, 60 * kGiB).choices.cut.tile, 64);
  job.latent_side = 60;
  EXPECT_EQ(choose(job, {}, 60 * kGiB).choices.cut.tile, 32) << "a tile of 64 would cut nothing";
}

// More memory never makes a slower or a larger plan, and what fits is said to fit.
TEST(MemoryPlan, IsMonotonic) {
  std::int64_t chunk = 0;
  for (std::int64_t gibibytes = 8; gibibytes < 180; ++gibibytes) {
    const Plan plan = plan_for(gibibytes);
    EXPECT_EQ(plan.fits(), plan.peak_bytes() <= gibibytes * kGiB);
    if (plan.choices.experts != ExpertPlace::all || plan.choices.text != TextPlace::kept) continue;
    const std::int64_t frames = plan.choices.cut.chunk_latent_frames == 0 ? 21 : plan.choices.cut.chunk_latent_frames;
    EXPECT_GE(frames, chunk);
    chunk = frames;
  }
  EXPECT_EQ(chunk, 21);
}

TEST(MemoryPlan, WhatTheUserFixedStays) {
  EXPECT_EQ(plan_for(200, {.text = TextPlace::host}).choices.text, TextPlace::host);
  EXPECT_EQ(plan_for(200, {.experts = ExpertPlace::one}).choices.experts, ExpertPlace::one);
  EXPECT_EQ(plan_for(200, {.experts = ExpertPlace::streamed, .block_slots = 7}).choices.block_slots, 7);
  EXPECT_EQ(plan_for(200, {.chunk = 2}).choices.cut.chunk_latent_frames, 2);
  EXPECT_EQ(plan_for(200, {.tile = 32}).choices.cut.tile, 32);
  const Plan stubborn = plan_for(45, {.text = TextPlace::kept, .experts = ExpertPlace::all});
  EXPECT_EQ(stubborn.choices.experts, ExpertPlace::all);
  EXPECT_FALSE(stubborn.fits());
}

TEST(MemoryPlan, ARefusalNamesTheStageTheNumbersAndWhatHelps) {
  const Fixed fixed{.text = TextPlace::kept, .experts = ExpertPlace::all};
  const std::string text = refusal(big_job(), fixed, choose(big_job(), fixed, 45 * kGiB));
  EXPECT_THAT(text, HasSubstr("diffusion_loop needs 64.00 GiB (weights 56.00 GiB, activations 8.00 GiB), 45.00 GiB are usable"));
  EXPECT_THAT(text, HasSubstr("--offload_model true"));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("with --t5_cpu,"))) << "45 GiB of experts alone do not fit beside activations";
  const std::string hopeless = refusal(big_job(), {}, choose(big_job(), {}, 3 * kGiB));
  EXPECT_THAT(hopeless, HasSubstr("smaller --size or fewer --frame_num"));
}

TEST(MemoryPlan, DescribesEachDecisionInALine) {
  const Plan plan = plan_for(24);
  const auto lines = describe(big_job(), plan);
  ASSERT_EQ(lines.size(), 7U);
  EXPECT_THAT(lines[0], HasSubstr("unloaded after encoding"));
  EXPECT_THAT(lines[1], HasSubstr("3 slots of 40"));
  EXPECT_THAT(lines[2], HasSubstr("latent frames at a time"));
  EXPECT_THAT(lines[6], HasSubstr("of 24.00 GiB usable"));
}

TEST(MemoryPlan, OnTheHostOnlyTheDecodeIsChosen) {
  Job job = big_job();
  job.device = false;
  const Plan plan = choose(job, {}, 80 * kGiB);
  EXPECT_EQ(plan.choices.experts, ExpertPlace::all);
  EXPECT_EQ(plan.choices.cut.chunk_latent_frames, 4);
  EXPECT_FALSE(choose(job, {}, 40 * kGiB).fits()) << "the weights alone are more";
}

TEST(MemoryBytes, AreReadAndPrinted) {
  EXPECT_EQ(parse_bytes("24GiB", "--x"), 24 * kGiB);
  EXPECT_EQ(parse_bytes("1.5G", "--x"), 3 * kGiB / 2);
  EXPECT_EQ(parse_bytes("512MiB", "--x"), kGiB / 2);
  EXPECT_EQ(parse_bytes("1000", "--x"), 1000);
  for (const char* bad : {"", "GiB", "-1GiB", "0", "nan", "inf", "24 GiB", "24GB", "1e300"})
    EXPECT_THROW(parse_bytes(bad, "--x"), UsageError) << bad;
  EXPECT_EQ(print_bytes(24 * kGiB), "24.00 GiB");
  EXPECT_EQ(print_bytes(kGiB / 2), "512.0 MiB");
  EXPECT_LT(usable_bytes(24 * kGiB, true), 24 * kGiB);
  EXPECT_GT(usable_bytes(kGiB / 4, true), 0);
}

}  // namespace
}  // namespace wan::memory
