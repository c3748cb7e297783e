#include "tests/support/reports/fixture.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace wan::reports::testing {
namespace {

constexpr std::int64_t kFrames = 17;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// How far a configuration's clips lie from BF16: the mean squared error of its mildest prompt. 0: bit-equal.
struct Quality {
  double error = 0;
};

metrics::Score score(const std::string& id, const std::string& unit, metrics::Direction direction, std::vector<double> per_frame) {
  metrics::Score result{.metric = id, .unit = unit, .direction = direction, .per_frame = std::move(per_frame)};
  const auto [low, high] = std::minmax_element(result.per_frame.begin(), result.per_frame.end());
  double sum = 0;
  for (const double value : result.per_frame) sum += value;
  result.pooled = {.mean = sum / static_cast<double>(result.per_frame.size()), .min = *low, .max = *high, .p5 = *low, .p95 = *high};
  return result;
}

// Plausible, monotone in the error: the error doubles from the first to the last frame and grows with the prompt's index.
metrics::QualityScores scores(Quality quality, std::size_t prompt) {
  std::vector<double> mse, psnr, ssim, lpips;
  for (std::int64_t frame = 0; frame < kFrames; ++frame) {
    const double growth = 1 + static_cast<double>(frame) / (kFrames - 1);
    const double error = quality.error * growth * (1 + 0.25 * static_cast<double>(prompt * 7 % 12));
    mse.push_back(error);
    psnr.push_back(error == 0 ? kInfinity : 10 * std::log10(1 / error));
    ssim.push_back(1 / (1 + 30 * error));
    lpips.push_back(std::sqrt(error));
  }
  metrics::QualityScores result;
  result.scores = {score("mse", "1", metrics::Direction::lower_is_better, mse),
                   score("psnr.pooled", "dB", metrics::Direction::higher_is_better, psnr),
                   score("ssim.ipol", "1", metrics::Direction::higher_is_better, ssim),
                   score("lpips.alex", "1", metrics::Direction::lower_is_better, lpips)};
  result.artifacts = {{.detector = "black_frame"}, {.detector = "constant_frame"}, {.detector = "frozen"}, {.detector = "nonfinite"}};
  return result;
}

StageTimes stages(double step_s) {
  StageTimes times;
  for (int step = 0; step < 10; ++step) times.step_s.push_back(step_s * (step == 0 ? 1.3 : 1.0));
  times.stages = {{"text_encoding", 0.021}, {"diffusion_loop", step_s * 10.3}, {"vae_decode", 0.44}};
  times.high_noise_steps = 4;
  times.total_s = step_s * 10.3 + 0.461;
  return times;
}

std::vector<plan::Prompt> prompts() {
  return {{"cat_chair", "simple", "A cat sitting on a chair"},
          {"ocean_sunset", "simple", "Ocean waves at sunset"},
          {"ballet", "complex motion", "A dancer performing ballet"},
          {"racing_cars", "complex motion", "Cars racing on a track"},
          {"flower_droplets", "fine details", "Closeup of a flower with water droplets"},
          {"clockwork", "fine details", "Intricate clockwork mechanism"},
          {"neon_street", "challenging lighting", "City street at night with neon lights"},
          {"forest_light", "challenging lighting", "Sunlight through forest canopy"},
          {"marketplace", "multiple objects", "Busy marketplace with many people"},
          {"flock", "multiple objects", "Flock of birds flying in formation"},
          {"geometry", "edge cases", kHostilePrompt},
          {"underwater", "edge cases", "Underwater scene with refraction"}};
}

struct Shape {
  std::string id;
  std::string summary;
  std::optional<OptimizationClass> kind = {};
  Quality quality = {};
  double step_s = 0.2;
  plan::Benefit benefit = plan::Benefit::none;
};

store::ConfigurationRecord configuration(const store::RunRecord& run, const Shape& shape) {
  store::ConfigurationRecord record;
  record.configuration = {.id = shape.id, .summary = shape.summary, .benefit = shape.benefit};
  if (shape.kind) record.configuration.optimizations = {{shape.id, {{"granularity", std::string("per_channel")}}}};
  record.kind = shape.kind;
  record.load_s = 0.31;
  record.weight_bytes = shape.kind == OptimizationClass::lossy ? 9'100'000 : 14'600'000;
  for (std::size_t p = 0; p < run.prompts.size(); ++p) {
    store::Cell cell{
        .configuration = shape.id, .prompt = run.prompts[p].id, .category = run.prompts[p].category, .seed = run.seeds[0], .key = {}};
    cell.key = fmt::format("{}-{}", shape.id, p);
    cell.clip_hash = fmt::format("{:064x}", 0x1234567 * (p + 1) + static_cast<std::size_t>(shape.quality.error * 1e7));
    cell.stages = stages(shape.step_s * (1 + 0.01 * static_cast<double>(p % 3)));
    cell.elapsed_s = cell.stages.total_s;
    cell.timed = true;
    cell.transformer_forwards = 20;
    cell.peak_bytes = 412'000'000 + record.weight_bytes;
    if (shape.id != "bf16") cell.scores = scores(shape.quality, p);
    record.cells.push_back(std::move(cell));
  }
  return record;
}

store::Environment environment() {
  return {.version = "0.1.0",
          .git_revision = "0123456789ab",
          .build_id = "0.1.0-0123456789ab-GNU12.2.0-RelWithDebInfo",
          .build_type = "RelWithDebInfo",
          .compiler = "GNU 12.2.0",
          .libtorch = "2.11.0",
          .device = "cpu",
          .device_name = "Example CPU @ 2.50GHz",
          .host_os = "Debian GNU/Linux 12",
          .cpu = "Example CPU @ 2.50GHz",
          .cores = 2,
          .memory_bytes = 16'000'000'000,
          .started_at = "2026-11-22T08:30:00Z",
          .warnings = {"The load average was 3.1 on 2 cores when the run began; times are disturbed."}};
}

using gate::Outcome;

gate::Criterion criterion(const std::string& name, Outcome outcome, const std::string& reason, double value, double bound, bool above) {
  return {.name = name,
          .outcome = outcome,
          .reason = reason,
          .value = value,
          .bound = bound,
          .margin = above ? value - bound : bound - value,
          .n = 12};
}

gate::GateResult not_claimed(const std::string& reason) {
  return {.outcome = Outcome::not_claimed,
          .reason = reason,
          .criteria = {{.name = "speedup", .outcome = Outcome::not_claimed, .reason = reason, .value = 0.83, .n = 12}}};
}

gate::GateResult shown(const std::string& reason) { return {.outcome = Outcome::not_measured, .reason = reason}; }

struct Judgement {
  Outcome roadmap, calibrated;
  std::string roadmap_reason, calibrated_reason;
  double psnr_db, ssim, lpips;
};

gate::Verdict verdict(const std::string& id, const Judgement& judged, gate::GateResult speed) {
  const auto side = [](bool good) { return good ? Outcome::held : Outcome::failed; };
  gate::Verdict result{.configuration = id, .speed = std::move(speed), .quality_roadmap = {}, .quality_calibrated = {}};
  const bool ssim = judged.ssim > 0.95, lpips = judged.lpips<0.05, psnr = judged.psnr_db> 30;
  result.quality_roadmap = {
      .outcome = judged.roadmap,
      .reason = judged.roadmap_reason,
      .criteria = {criterion("artifact_share", Outcome::held, "within_bound", 0, 0.1, false),
                   criterion("ssim.ipol", judged.ssim < 0.9 ? Outcome::rejected : side(ssim), ssim ? "within_bound" : "below_bound",
                             judged.ssim, 0.95, true),
                   criterion("lpips.alex", side(lpips), lpips ? "within_bound" : "above_bound", judged.lpips, 0.05, false),
                   criterion("psnr.pooled", side(psnr), psnr ? "within_bound" : "below_bound", judged.psnr_db, 30, true)}};
  const bool near = judged.calibrated == Outcome::held;
  result.quality_calibrated = {
      .outcome = judged.calibrated,
      .reason = judged.calibrated_reason,
      .criteria = {criterion("lpips.alex", side(near), near ? "within_bound" : "over_bound", judged.lpips, 0.0731, false),
                   criterion("1-ssim.ipol", side(near), near ? "within_bound" : "over_bound", 1 - judged.ssim, 0.1164, false),
                   {.name = "teacher_forced.relative_l2",
                    .reason = "not_measured: this version does not measure the teacher-forced error per step"}}};
  result.overall = judged.roadmap;
  return result;
}

gate::Verdict reference(const std::string& id, const std::string& reason) {
  return {.configuration = id,
          .judged = false,
          .speed = not_claimed("no_claim: its benefit is none"),
          .quality_roadmap = shown(reason),
          .quality_calibrated = shown(reason)};
}

}  // namespace

Fixture empty_run() {
  Fixture fixture;
  auto& run = fixture.run;
  run.run_id = "20261122-083000-tier2";
  run.command = "wan-eval run --tier 2 --seeds 42";
  run.environment = environment();
  run.tier_id = "2";
  run.tier_title = "Advanced quantization";
  run.suite_id = "roadmap";
  run.model = "wan-tiny";
  run.model_task = "t2v-A14B";
  run.weights_hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
  run.shape = {
      .width = 128, .height = 128, .frames = kFrames, .steps = 10, .solver = "unipc", .shift = 12, .guidance_low = 3, .guidance_high = 4};
  return fixture;
}

Fixture tier2_run() {
  Fixture fixture = empty_run();
  auto& run = fixture.run;
  run.seeds = {42};
  run.prompts = prompts();
  run.complete = true;
  run.elapsed_s = 187.4;
  const std::string emulated = "the cpu emulates FP8: values are rounded, nothing gets faster";
  const auto add = [&run](const Shape& shape) -> store::ConfigurationRecord& {
    return run.configurations.emplace_back(configuration(run, shape));
  };
  add({.id = "bf16", .summary = "The reference trajectory"});
  add({.id = "bf16_twin",
       .summary = "Equally valid BF16 in another summation order",
       .kind = OptimizationClass::equivalent,
       .quality = {0.0011}});
  add({.id = "phase0", .summary = "The optimised state before the roadmap", .kind = OptimizationClass::exact, .step_s = 0.19});
  add({.id = "fp8_ffn",
       .summary = "FP8 in the feed-forward layers",
       .kind = OptimizationClass::lossy,
       .quality = {0.00112},
       .step_s = 0.24,
       .benefit = plan::Benefit::speed})
      .speed_claimable = emulated;
  add({.id = "fp8_full",
       .summary = "FP8 in all block linears",
       .kind = OptimizationClass::lossy,
       .quality = {0.0064},
       .step_s = 0.27,
       .benefit = plan::Benefit::speed})
      .speed_claimable = emulated;
  add({.id = "int8_linear",
       .summary = "INT8 weights, BF16 activations",
       .kind = OptimizationClass::lossy,
       .quality = {0.00021},
       .benefit = plan::Benefit::memory});
  auto& all = add({.id = "tier2_all",
                   .summary = "Everything of this tier",
                   .kind = OptimizationClass::lossy,
                   .quality = {0.0021},
                   .step_s = 0.28,
                   .benefit = plan::Benefit::speed});
  all.speed_claimable = emulated;
  all.configuration.thresholds.min_speedup = 2.0;
  all.fallbacks = {"int8_linear_conv: wanted int8 convolution, got bf16: the device has no int8 convolution"};
  all.cells[7].fallbacks = {"block 3, step 4: NaN in ffn, the step was redone with this layer in BF16"};
  all.cells[10] = {.configuration = "tier2_all",
                   .prompt = "geometry",
                   .category = "edge cases",
                   .seed = 42,
                   .key = {},
                   .status = store::CellStatus::failed,
                   .reason = "crash: " + std::string(kHostilePrompt)};
  all.cells[9].scores.artifacts[2] = {.detector = "frozen", .fired = true, .frames = {3, 4, 5, 6}, .detail = "4 frames are equal"};
  all.cells[8].timed = false;
  all.cells[8].elapsed_s = 0;
  const std::string no_claim = "no_claim: its benefit is none";
  fixture.verdicts = {reference("bf16", "is_baseline: others are judged against it"),
                      reference("bf16_twin", "is_noise_floor: an equally valid BF16 run that the calibrated gate compares with"),
                      verdict("phase0", {Outcome::held, Outcome::held, "8 of 8 criteria held", "7 of 7 criteria held", kInfinity, 1, 0},
                              not_claimed(no_claim)),
                      verdict("fp8_ffn",
                              {Outcome::failed, Outcome::held, "ssim.ipol 0.9107 (n = 12) is not above 0.95",
                               "7 of 7 criteria held; the tightest: lpips.alex 0.0641 meets 0.0731", 23.9, 0.9107, 0.0641},
                              not_claimed("not_claimable: " + emulated)),
                      verdict("fp8_full",
                              {Outcome::rejected, Outcome::failed, "ssim.ipol 0.6452 (n = 12) is not above 0.95 (under 0.9 it is rejected)",
                               "lpips.alex 0.1533 (n = 12), bound 0.0731: over_bound", 16.33, 0.6452, 0.1533},
                              not_claimed("not_claimable: " + emulated)),
                      verdict("int8_linear",
                              {Outcome::held, Outcome::held, "8 of 8 criteria held; the tightest: ssim.ipol 0.9806 (n = 12) meets 0.95",
                               "7 of 7 criteria held", 31.17, 0.9806, 0.0278},
                              not_claimed("no_claim: its benefit is memory")),
                      verdict("tier2_all",
                              {Outcome::rejected, Outcome::rejected,
                               "crashes 1 (n = 12), bound 0: crash: prompt geometry, seed 42: " + std::string(kHostilePrompt),
                               "crashes 1 (n = 12), bound 0", 21.15, 0.8409, 0.0877},
                              not_claimed("not_claimable: " + emulated))};
  auto& criteria = fixture.verdicts.back().quality_roadmap.criteria;
  criteria.insert(criteria.begin(), {.name = "crashes",
                                     .outcome = Outcome::rejected,
                                     .reason = "crash: prompt geometry, seed 42: " + std::string(kHostilePrompt),
                                     .value = 1,
                                     .bound = 0,
                                     .margin = -1,
                                     .n = 12});
  return fixture;
}

Fixture crashed_run() {
  Fixture fixture = empty_run();
  fixture.run.seeds = {42};
  fixture.run.prompts = {{"cat_chair", "simple", "A cat sitting on a chair"}};
  store::ConfigurationRecord record;
  record.configuration.id = "fp8_ffn";
  record.cells = {{.configuration = "fp8_ffn",
                   .prompt = "cat_chair",
                   .category = "simple",
                   .seed = 42,
                   .key = {},
                   .status = store::CellStatus::failed,
                   .reason = "oom: 40 GB wanted, 3 GB free"}};
  fixture.run.configurations = {record};
  return fixture;
}

}  // namespace wan::reports::testing
