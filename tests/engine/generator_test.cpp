#include "engine/generator.h"

#include <ATen/Parallel.h>
#include <ATen/ops/from_blob.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "engine/base/error.h"
#include "engine/io/json.h"
#include "engine/pipeline.h"
#include "engine/runtime/tensor.h"
#include "tests/support/engine/cuda.h"
#include "tests/support/engine/tensors.h"
#include "tests/support/temporary_folder.h"

namespace wan {
namespace {

using ::testing::HasSubstr;

std::string tiny_model() { return std::string(WAN_BINARY_DIR) + "/share/wan-eval/models/wan-tiny"; }

// A short clip of wan-tiny: both experts run.
GenerationRequest tiny_request() {
  return {.prompt = "A cat sitting on a chair", .width = 64, .height = 48, .frames = 5, .steps = 4, .seed = 42, .keep_latents = true};
}

at::Tensor tensor_of(const Latents& latents) {
  return at::from_blob(const_cast<float*>(latents.values.data()), latents.shape, at::TensorOptions(at::kFloat));
}

double psnr(const VideoClip& a, const at::Tensor& expected) {
  const at::Tensor mine =
      at::from_blob(const_cast<std::uint8_t*>(a.rgb.data()), {a.frames, a.height, a.width, 3}, at::TensorOptions(at::kByte));
  const double mse = (mine.to(at::kDouble) - expected.to(at::kDouble)).square().mean().item<double>();
  return mse == 0 ? INFINITY : 10.0 * std::log10(255.0 * 255.0 / mse);
}

struct OracleRun {
  const char* oracle;
  const char* layout;
  Reference reference;
};

class GeneratorOracle : public ::testing::TestWithParam<OracleRun> {};

// Two float32 implementations of these networks differ by 8e-6 of the latents, whole runs included (wan.md, last section); the bounds are
// what the project promises.
TEST_P(GeneratorOracle, WholePipelineEqualsTheReference) {
  const auto& [oracle, layout, reference] = GetParam();
  const auto root = test::oracle_case(oracle, layout);
  if (root.empty()) GTEST_SKIP() << "oracle case " << oracle << ", layout " << layout << ", is not here";
  const auto run = io::JsonValue::read(root / "case.json");
  const auto file = root / "expected.safetensors";
  Generator generator({.checkpoint_dir = (root / layout).string(), .precision = Precision::float32});
  EXPECT_EQ(generator.model_info().layout, layout);
  const testing::TemporaryFolder folder;
  test::write_tensor(folder / "noise.safetensors", "noise", test::read_tensor(file, "noise").contiguous());
  const auto result = generator.generate({.prompt = run.at("prompt").as_string(),
                                          .negative_prompt = run.at("negative_prompt").as_string(),
                                          .width = run.at("width").as_int(),
                                          .height = run.at("height").as_int(),
                                          .frames = run.at("frame_num").as_int(),
                                          .steps = run.at("sample_steps").as_int(),
                                          .solver = parse_solver(run.at("sample_solver").as_string()),
                                          .solver_from_checkpoint = false,
                                          .shift = run.at("sample_shift").as_double(),
                                          .guidance_low = run.at("guide_scale_low").as_double(),
                                          .guidance_high = run.at("guide_scale_high").as_double(),
                                          .reference = reference,
                                          .noise_file = (folder / "noise.safetensors").string(),
                                          .keep_latents = true});
  const std::string expected = reference == Reference::official ? "official." : "";
  EXPECT_LT(test::relative_l2(tensor_of(result.latents), test::read_tensor(file, expected + "latents")), 5e-5);
  EXPECT_GT(psnr(result.clip, test::read_tensor(file, expected + "video")), 60.0);
  EXPECT_EQ(result.transformer_forwards, 2 * run.at("sample_steps").as_int());
}

// The official code has no flow Euler.
INSTANTIATE_TEST_SUITE_P(
    Cases, GeneratorOracle,
    ::testing::Values(OracleRun{"t2v_two_experts_dev", "diffusers", Reference::diffusers},
                      OracleRun{"t2v_two_experts_dev", "diffusers", Reference::official},
                      OracleRun{"t2v_two_experts_dev", "official", Reference::diffusers},
                      OracleRun{"t2v_two_experts_dev", "official", Reference::official},
                      OracleRun{"t2v_single_expert_dev", "diffusers", Reference::diffusers},
                      OracleRun{"t2v_single_expert_dev", "official", Reference::diffusers},
                      OracleRun{"ti2v_dev", "diffusers", Reference::diffusers}, OracleRun{"ti2v_dev", "diffusers", Reference::official},
                      OracleRun{"ti2v_dev", "official", Reference::diffusers}, OracleRun{"ti2v_dev", "official", Reference::official}),
    [](const auto& info) { return fmt::format("{}_{}_{}_grid", info.param.oracle, info.param.layout, to_string(info.param.reference)); });

// Without a word about it, a layout is run as its own code runs it; shift and steps are given, so the grid and the rule for guidance
// differ.
TEST(Generator, AutomaticReferenceIsTheLayoutsOwn) {
  const auto root = test::oracle_case("t2v_two_experts_dev", "official");
  ASSERT_FALSE(root.empty());
  Generator generator({.checkpoint_dir = (root / "official").string(), .precision = Precision::float32});
  const auto latents = [&](Reference reference) {
    return generator
        .generate({.prompt = "a kite",
                   .width = 32,
                   .height = 32,
                   .frames = 1,
                   .steps = 3,
                   .seed = 1,
                   .reference = reference,
                   .keep_latents = true})
        .latents.values;
  };
  const auto automatic = latents(Reference::automatic);
  EXPECT_EQ(automatic, latents(Reference::official));
  EXPECT_NE(automatic, latents(Reference::diffusers));
}

TEST(Generator, TheSameSeedTwiceIsBitIdentical) {
  Generator first({.checkpoint_dir = tiny_model()}), second({.checkpoint_dir = tiny_model()});
  const auto a = first.generate(tiny_request()), b = second.generate(tiny_request()), again = first.generate(tiny_request());
  EXPECT_EQ(a.latents.values, b.latents.values);
  EXPECT_EQ(a.latents.values, again.latents.values);
  EXPECT_EQ(a.clip.content_hash(), b.clip.content_hash());
  auto other = tiny_request();
  other.seed = 43;
  EXPECT_NE(first.generate(other).clip.content_hash(), a.clip.content_hash());
}

TEST(Generator, OneAndTwoThreadsAgreeInFloat32) {
  Generator one({.checkpoint_dir = tiny_model(), .precision = Precision::float32, .threads = 1});
  Generator two({.checkpoint_dir = tiny_model(), .precision = Precision::float32, .threads = 2});
  const int before = at::get_num_threads();
  const auto a = one.generate(tiny_request()), b = two.generate(tiny_request());
  EXPECT_EQ(at::get_num_threads(), before);
  EXPECT_LT(test::relative_l2(tensor_of(a.latents), tensor_of(b.latents)), 5e-5);
}

TEST(Generator, ReportsStagesForwardsAndSteps) {
  Generator generator({.checkpoint_dir = tiny_model()});
  std::vector<std::int64_t> seen;
  const auto result = generator.generate(tiny_request(), [&](std::int64_t done, std::int64_t) {
    seen.push_back(done);
    return true;
  });
  EXPECT_EQ(seen, (std::vector<std::int64_t>{1, 2, 3, 4}));
  EXPECT_EQ(result.transformer_forwards, 8);
  EXPECT_EQ(result.stages.step_s.size(), 4U);
  for (const char* stage : {"text_encoding", "diffusion_loop", "vae_decode"}) EXPECT_GT(result.stages.stage_s(stage), 0.0) << stage;
  EXPECT_GT(result.peak_bytes, 0);
  EXPECT_EQ(result.clip.frames, 5);
  EXPECT_EQ(result.clip.width, 64);
  EXPECT_EQ(result.nonfinite_latents, 0);
}

TEST(Generator, GuidanceAtOneSkipsTheUnconditionalPassUnderDiffusersAlone) {
  Generator generator({.checkpoint_dir = tiny_model()});
  auto request = tiny_request();
  request.guidance_low = request.guidance_high = 1.0;
  EXPECT_EQ(generator.generate(request).transformer_forwards, 4);
  request.reference = Reference::official;
  EXPECT_EQ(generator.generate(request).transformer_forwards, 8);
}

TEST(Generator, CanBeCancelled) {
  Generator generator({.checkpoint_dir = tiny_model()});
  EXPECT_THROW(generator.generate(tiny_request(), [](std::int64_t done, std::int64_t) { return done < 2; }), Cancelled);
  EXPECT_NO_THROW(generator.generate(tiny_request()));
}

TEST(Generator, EmptyAndVeryLongPromptsWork) {
  Generator generator({.checkpoint_dir = tiny_model()});
  auto request = tiny_request();
  request.prompt = "";
  EXPECT_TRUE(generator.generate(request).fallbacks.empty());
  for (int i = 0; i < 5000; ++i) request.prompt += "cat ";
  const auto result = generator.generate(request);
  ASSERT_EQ(result.fallbacks.size(), 1U);
  EXPECT_THAT(result.fallbacks[0], HasSubstr("takes 64"));
}

void expect_refusal(const std::function<void()>& act, const std::string& text) {
  try {
    act();
    ADD_FAILURE() << "accepted; expected: " << text;
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), HasSubstr(text));
  }
}

TEST(Generator, RefusesWhatTheModelCannotServe) {
  Generator generator({.checkpoint_dir = tiny_model()});
  const auto with = [&](auto change) {
    auto request = tiny_request();
    change(request);
    return [&generator, request] { generator.generate(request); };
  };
  expect_refusal(with([](auto& r) { r.width = 70; }), "width 70 does not divide by 16, what patch and VAE need; the nearest are 64 and 80");
  expect_refusal(with([](auto& r) { r.frames = 6; }), "frame_num 6 is not 4k + 1; the nearest are 5 and 9");
  expect_refusal(with([](auto& r) { r.steps = -1; }), "sample_steps");
  expect_refusal(with([](auto& r) { r.noise_file = "/nonexistent"; }), "/nonexistent");
  expect_refusal(with([](auto& r) { r.noise_source = "cuda"; }), "CUDA device");
  expect_refusal([] { Generator({.checkpoint_dir = "/nonexistent"}); }, "/nonexistent");
  expect_refusal([] { Generator({.checkpoint_dir = WAN_SOURCE_DIR "/suites"}); }, "model_index.json");
  expect_refusal([] { Generator({.checkpoint_dir = tiny_model(), .device = "tpu"}); }, "device 'tpu' is not known");
}

TEST(PromptCache, AHitIsTheMissBitForBitAndNeedsNoEncoder) {
  const testing::TemporaryFolder folder;
  const LoadRequest load{.checkpoint_dir = tiny_model(), .prompt_cache_dir = (folder / "prompts").string()};
  const auto encode = [&](const LoadRequest& request) {
    Pipeline pipeline(read_pipeline_config(request.checkpoint_dir), request);
    const auto before = pipeline.device_weight_bytes();
    const at::Tensor states = pipeline.encode("A cat sitting on a chair").states;
    return std::pair(states, pipeline.device_weight_bytes() - before);
  };
  const auto [plain, already] = encode({.checkpoint_dir = tiny_model()});
  const auto [miss, loaded] = encode(load);
  const auto [hit, none] = encode(load);
  EXPECT_EQ(already, 0) << "without a cache the encoder is loaded with the rest";
  EXPECT_GT(loaded, 0) << "a miss loads it";
  EXPECT_EQ(none, 0) << "a hit does not";
  EXPECT_TRUE(miss.equal(plain));
  EXPECT_TRUE(hit.equal(plain));
  LoadRequest other = load;
  other.optimizations = {{.id = "t5_fp8_storage"}};
  EXPECT_FALSE(encode(other).first.equal(plain)) << "what changes the states changes the key";
}

// Each stage's peak of wan-tiny against its prediction: tensors and weights, counted by LibTorch's allocator.
TEST(Memory, PeaksOfEveryStageArePredicted) {
  struct Mode {
    const char* name;
    LoadRequest load;
    GenerationRequest request;
  };
  const auto request = [](std::int64_t width, std::int64_t height, std::int64_t frames) {
    GenerationRequest r = tiny_request();
    r.width = width, r.height = height, r.frames = frames, r.steps = 3;
    return r;
  };
  const std::vector<Mode> modes = {
      {"default", {.checkpoint_dir = tiny_model()}, request(128, 128, 17)},
      {"float32", {.checkpoint_dir = tiny_model(), .precision = Precision::float32}, request(128, 128, 17)},
      {"large", {.checkpoint_dir = tiny_model()}, request(320, 192, 33)},
      {"tiles",
       {.checkpoint_dir = tiny_model(), .optimizations = {{.id = "vae_tiling", .parameters = {{"tile", std::int64_t{16}}}}}},
       request(320, 192, 9)},
      {"fp8_text", {.checkpoint_dir = tiny_model(), .optimizations = {{.id = "t5_fp8_storage"}}}, request(128, 128, 17)},
      {"int8", {.checkpoint_dir = tiny_model(), .optimizations = {{.id = "int8_linear"}}}, request(128, 128, 17)}};
  for (const Mode& mode : modes) {
    Generator generator(mode.load);
    const auto result = generator.generate(mode.request);
    ASSERT_EQ(result.memory.size(), 3U);
    for (const StageMemory& stage : result.memory) {
      EXPECT_NEAR(static_cast<double>(stage.predicted_bytes) / static_cast<double>(stage.measured_bytes), 1.0, 0.05)
          << mode.name << " " << stage.stage << ": predicted " << stage.predicted_bytes << ", measured " << stage.measured_bytes;
      EXPECT_LE(stage.measured_bytes, result.peak_bytes);
    }
  }
}

TEST(Memory, ThePlanIsMadeBeforeAndRefusesWhatCannotFit) {
  LoadRequest load{.checkpoint_dir = tiny_model(),
                   .memory = MemoryRequest{.clip = {.prompt = {}, .width = 320, .height = 192, .frames = 33}}};
  EXPECT_EQ(Generator(load).load_report().plan.size(), 7U);
  EXPECT_TRUE(Generator({.checkpoint_dir = tiny_model()}).load_report().plan.empty());
  // The whole sequence does not fit here, chunks do; the clip is the same, bit for bit.
  auto request = tiny_request();
  request.width = 320, request.height = 192, request.frames = 33, request.steps = 1;
  const auto whole = Generator(load).generate(request);
  const auto decode = whole.memory.at(2).measured_bytes;
  load.memory->usable_bytes = decode / 2;
  const auto chunked = Generator(load).generate(request);
  EXPECT_LT(chunked.memory.at(2).measured_bytes, decode / 2 * 21 / 20);
  EXPECT_EQ(chunked.clip.content_hash(), whole.clip.content_hash());
  load.memory->usable_bytes = 1 << 20;
  expect_refusal([&] { Generator{load}; }, "not enough memory: ");
  expect_refusal([&] { plan_memory(load); }, "smaller --size");
}

TEST(Memory, APlanForADeviceThatIsNotHere) {
  LoadRequest load{.checkpoint_dir = tiny_model(), .device = "cuda", .memory = MemoryRequest{.usable_bytes = std::int64_t{1} << 30}};
  EXPECT_THAT(plan_memory(load), ::testing::Contains(HasSubstr("2 resident on the device")));
  load.memory->usable_bytes = 36 << 20;
  EXPECT_THAT(plan_memory(load), ::testing::Contains(HasSubstr("1 of 2 on the device at a time (--offload_model true)")));
}

struct Promise {
  OptimizationChoice choice;
  double bound;  // relative L2 of the final latents; 0: bit-equal; negative: lossy, must differ and stay below -bound
};

class OptimizationPromise : public ::testing::TestWithParam<Promise> {};

TEST_P(OptimizationPromise, HoldsOnWanTiny) {
  Generator reference({.checkpoint_dir = tiny_model()});
  Generator candidate({.checkpoint_dir = tiny_model(), .optimizations = {GetParam().choice}});
  EXPECT_TRUE(candidate.load_report().fallbacks.empty());
  GenerationRequest request = tiny_request();
  // What the model was trained on, and one step an expert: over many steps even a small difference becomes another picture.
  request.prompt = "A large red circle moves to the left over a black background.";
  request.steps = 2;
  const auto expected = reference.generate(request), actual = candidate.generate(request);
  if (GetParam().bound == 0) {
    EXPECT_EQ(actual.latents.values, expected.latents.values);
    EXPECT_EQ(actual.clip.content_hash(), expected.clip.content_hash());
    return;
  }
  const double distance = test::relative_l2(tensor_of(actual.latents), tensor_of(expected.latents));
  EXPECT_GT(distance, 0.0);
  EXPECT_LT(distance, std::abs(GetParam().bound));
}

// The bounds of lossy entries only catch a broken path (a wrong scale gives 0.5 and more); the quality gates judge the loss itself.
INSTANTIATE_TEST_SUITE_P(
    Catalogue, OptimizationPromise,
    ::testing::Values(
        Promise{{.id = "fused_cfg"}, 0}, Promise{{.id = "nan_guard"}, 0}, Promise{{.id = "bf16_twin"}, 0.1},
        Promise{{.id = "vae_tiling", .parameters = {{"tile", std::int64_t{12}}}}, 0}, Promise{{.id = "t5_fp8_storage"}, -0.2},
        Promise{{.id = "fp8_linear", .parameters = {{"scope", std::string("full")}}}, 0.45},
        Promise{{.id = "fp8_linear", .parameters = {{"scope", std::string("ffn_cross")}, {"granularity", std::string("per_channel")}}},
                0.45},
        Promise{{.id = "int8_linear"}, 0.2}, Promise{{.id = "int8_linear", .parameters = {{"activations", std::string("int8")}}}, 0.2}),
    [](const auto& info) { return info.param.choice.id + "_" + std::to_string(info.index); });

std::int64_t weight_bytes(std::vector<OptimizationChoice> list) {
  return Generator({.checkpoint_dir = tiny_model(), .optimizations = std::move(list)}).load_report().weight_bytes;
}

// A quantised weight is kept in one form alone: the other one would be the memory that quantising is to save.
TEST(Quantisation, Fp8HalvesTheWeightsItTakes) {
  const auto reference = weight_bytes({}), fp8 = weight_bytes({{.id = "fp8_linear"}});
  // 2 experts x 5 blocks x 2 d ff weights of two bytes, d = 192, ff = 640, less one scale of four bytes a layer.
  EXPECT_EQ(reference - fp8, 2 * 5 * (2 * 192 * 640 - 2 * 4));
}

TEST(Quantisation, Int8HalvesTheWeightsItTakes) {
  const auto reference = weight_bytes({}), int8 = weight_bytes({{.id = "int8_linear", .parameters = {{"scope", std::string("blocks")}}}});
  EXPECT_LT(int8, reference);
  // 2 experts x 5 blocks x (8 d^2 + 2 d ff) weights of two bytes, d = 192, ff = 640, less one scale of four bytes an output channel.
  EXPECT_EQ(reference - int8, 2 * 5 * ((8 * 192 * 192 + 2 * 192 * 640) - 4 * (8 * 192 + 640 + 192)));
}

TEST(Generator, ReportsTheBytesThatItReadAndCanBeCancelledWhileLoading) {
  std::int64_t last = 0, total = 0;
  Generator({.checkpoint_dir = tiny_model()}, [&](std::int64_t done, std::int64_t all) {
    EXPECT_GT(done, last);
    last = done, total = all;
    return true;
  });
  EXPECT_EQ(last, total);
  EXPECT_GT(total, 4'000'000);
  EXPECT_THROW(Generator({.checkpoint_dir = tiny_model()}, [](std::int64_t, std::int64_t) { return false; }), Cancelled);
}

TEST(GeneratorGpu, OffloadedAndStreamedLatentsAreTheResidentOnesToTheBit) {
  WAN_SKIP_WITHOUT_CUDA();
  const OptimizationChoice offload = {.id = "offload_model"}, int8 = {.id = "int8_linear"}, guard = {.id = "nan_guard"};
  const auto stream = [](std::int64_t slots) { return OptimizationChoice{.id = "block_streaming", .parameters = {{"slots", slots}}}; };
  const auto load = [](std::vector<OptimizationChoice> list) {
    return LoadRequest{.checkpoint_dir = tiny_model(), .device = "cuda", .optimizations = std::move(list), .strict = true};
  };
  for (const auto& base : {std::vector<OptimizationChoice>{}, {int8}, {int8, guard}}) {
    Generator resident(load(base));
    const auto expected = resident.generate(tiny_request());
    for (const auto& more : {offload, stream(2), stream(3)}) {
      auto list = base;
      list.push_back(more);
      Generator elsewhere(load(list));
      EXPECT_EQ(elsewhere.generate(tiny_request()).latents.values, expected.latents.values) << more.id;
      const auto again = elsewhere.generate(tiny_request());
      EXPECT_EQ(again.latents.values, expected.latents.values) << more.id << ", the second request";
      EXPECT_EQ(again.clip.content_hash(), expected.clip.content_hash()) << more.id;
      EXPECT_LT(elsewhere.load_report().weight_bytes, resident.load_report().weight_bytes) << more.id;
      EXPECT_GT(elsewhere.load_report().host_weight_bytes, 0) << more.id;
    }
  }
}

}  // namespace
}  // namespace wan
