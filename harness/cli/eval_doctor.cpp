#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engine/base/build_info.h"
#include "engine/base/error.h"
#include "engine/generator.h"
#include "engine/io/safetensors.h"
#include "engine/media/clip_file.h"
#include "engine/runtime/cpu.h"
#include "engine/runtime/plugin.h"
#include "harness/cli/doctor.h"
#include "harness/cli/eval_options.h"
#include "harness/cli/exit_status.h"
#include "harness/cli/resources.h"
#include "harness/machine/noise.h"
#include "harness/machine/nvml.h"
#include "harness/machine/proc.h"
#include "harness/plan/tier.h"
#include "harness/run/null_executor.h"
#include "harness/run/overhead.h"
#include "harness/run/process_executor.h"
#include "harness/store/cell_log.h"
#include "harness/store/environment.h"
#include "harness/store/result_store.h"
#include "metrics/scorer.h"

namespace wan::cli {
namespace {

constexpr double kOverheadBudget_s = 1e-3, kWorkersBudget_s = 2e-3;  // a cell, in this process and through a worker
constexpr double kQuickNoise_s = 3, kLongNoise_s = 30;
constexpr std::uintmax_t kLittleSpace = std::uintmax_t{2} << 30;  // some runs of the embedded model with their clips

struct Check {
  const char* name;
  Finding (*examine)(const DoctorOptions&);
};

Finding build(const DoctorOptions&) { return {.detail = fmt::format("wan-eval {}, {}, {}", version(), git_revision(), build_type())}; }

Finding libtorch(const DoctorOptions&) { return {.detail = fmt::format("{}, linked and loaded", WAN_LIBTORCH_VERSION)}; }

Finding host(const DoctorOptions&) {
  const store::Environment environment = store::describe_environment("cpu");
  return {.detail =
              fmt::format("{}, {} cores, {:.1f} GiB, {}; {}", environment.cpu, environment.cores,
                          static_cast<double>(environment.memory_bytes) / (1 << 30), environment.host_os, runtime::describe_bfloat16())};
}

Finding cuda(const DoctorOptions& options) {
  const bool wanted = options.device != "cpu";
  const std::string problem = runtime::cuda_plugin_problem();
  if (!problem.empty())
    return {.health = wanted ? Health::fault : Health::ok,
            .detail = problem,
            .advice = wanted ? "build on a machine with nvcc, or use --device cpu" : ""};
  const auto& plugin = runtime::load_cuda_plugin();
  const int devices = plugin.device_count();
  if (devices == 0)
    return {.health = wanted ? Health::fault : Health::ok,
            .detail = "plug-in loaded, no driver or no GPU",
            .advice = wanted ? "check the driver with nvidia-smi, or use --device cpu" : ""};
  std::string names;
  for (int i = 0; i < devices; ++i) names += fmt::format("{}cuda:{} {}", i == 0 ? "" : "; ", i, plugin.device_name(i));
  return {.detail = names};
}

Finding model(const DoctorOptions& options) {
  const auto folder = model_dir(options.model);
  const ModelInfo info = inspect_checkpoint(folder.string());
  return {.detail = fmt::format("{}: {}, {} x {}, {} frames", options.model, info.task, info.default_width, info.default_height,
                                info.default_frames)};
}

Finding suites(const DoctorOptions&) {
  const plan::Known known{.optimizations = list_optimizations(), .metrics = metrics::list_metrics()};
  const auto tiers = plan::list_tiers(suites_dir(), known);
  const auto suites = plan::list_suites(suites_dir());
  if (tiers.empty() || suites.empty())
    return {.health = Health::fault,
            .detail = fmt::format("{}: {} tiers, {} suites", suites_dir().string(), tiers.size(), suites.size()),
            .advice = "the folder share/wan-eval beside the program is incomplete: build again, or point WAN_EVAL_SHARE at one"};
  return {.detail = fmt::format("{} tiers, {} suites", tiers.size(), suites.size())};
}

Finding lpips(const DoctorOptions&) {
  const auto file = data_dir() / "lpips_alex.safetensors";
  const auto tensors = io::SafetensorsFile::open(file).tensors().size();
  return {.detail = fmt::format("{} tensors in {}", tensors, file.string())};
}

Finding video(const DoctorOptions&) {
  if (media::can_write_mp4()) return {.detail = "H.264 in .mp4 can be written"};
  return {.health = Health::warning,
          .detail = "this build cannot write .mp4",
          .advice = "clips can still be saved as .safetensors, .y4m or PNG; OpenCV with videoio at build time brings .mp4"};
}

Finding disk(const DoctorOptions& options) {
  std::filesystem::path place = std::filesystem::absolute(options.out);
  while (!std::filesystem::exists(place)) place = place.parent_path();
  const auto space = std::filesystem::space(place);
  const bool little = space.available < kLittleSpace;
  return {.health = little ? Health::warning : Health::ok,
          .detail = fmt::format("{:.1f} GiB free at {}", static_cast<double>(space.available) / (1 << 30), place.string()),
          .advice = little ? "name another folder with --out, or remove old runs" : "",
          .figures = {{.name = "free_bytes", .value = static_cast<double>(space.available)}}};
}

Finding load(const DoctorOptions&) {
  const auto warnings = store::measurement_warnings();
  if (warnings.empty()) return {.detail = fmt::format("quiet, {} threads", std::thread::hardware_concurrency())};
  std::string advice;
  for (const auto& warning : warnings) advice += (advice.empty() ? "" : "; ") + warning;
  return {.health = Health::warning, .detail = "times will be noisy", .advice = advice};
}

Finding overhead_of(const run::Residents::Make& null_model, const DoctorOptions& options, double budget_s) {
  const bool existed = std::filesystem::exists(options.out);
  const run::Overhead overhead = run::measure_overhead(options.out, null_model);
  std::error_code ignored;
  if (!existed) std::filesystem::remove(options.out, ignored);
  const bool slow = overhead.cell_s > budget_s;
  return {.health = slow ? Health::warning : Health::ok,
          .detail = fmt::format("{:.3f} ms a cell with a null model and the null metric, {:.3f} ms of it the disk's (median of {})",
                                1e3 * overhead.cell_s, 1e3 * overhead.sync_s, overhead.cells),
          .advice = slow ? "the disk is slow or busy: wait, or put --out on another one" : "",
          .figures = {{.name = "cell_s", .value = overhead.cell_s}, {.name = "sync_s", .value = overhead.sync_s}}};
}

Finding counters(const DoctorOptions&) { return examine_counters(machine::Proc()); }

int threads() { return static_cast<int>(std::max(1u, std::thread::hardware_concurrency())); }

Finding noise(const DoctorOptions& options) {
  const double duration_s = options.seconds.value_or(options.noise ? kLongNoise_s : kQuickNoise_s);
  return judge_noise(machine::score_noise(machine::time_fixed_work(duration_s, threads())), plan::Thresholds{}.materiality);
}

Finding ceilings(const DoctorOptions&) { return describe_ceilings(machine::host_copy_bytes_per_s(threads()), threads()); }

Finding overhead(const DoctorOptions& options) {
  return overhead_of([] { return run::make_null_executor(); }, options, kOverheadBudget_s);
}

Finding worker(const DoctorOptions& options) {
  return overhead_of([] { return run::make_process_executor({.worker_arguments = {"--null"}}); }, options, kWorkersBudget_s);
}

constexpr Check kInstallation[] = {{"build", build}, {"LibTorch", libtorch}, {"machine", host}, {"CUDA", cuda},
                                   {"model", model}, {"suites", suites},     {"LPIPS", lpips},  {"video", video}};
constexpr Check kMeasurement[] = {{"counters", counters}, {"disk", disk},   {"load", load},        {"overhead", overhead},
                                  {"worker", worker},     {"noise", noise}, {"ceilings", ceilings}};

// A check that throws is a fault whose message is its own advice.
Finding examine(const Check& check, const DoctorOptions& options) {
  try {
    return check.examine(options);
  } catch (const UsageError& error) {
    return {.health = Health::fault, .detail = error.what(), .advice = "`ci/bootstrap` brings what is missing"};
  } catch (const store::StorageError& error) {
    return {.health = Health::fault, .detail = error.what(), .advice = "name a folder that can be written with --out"};
  } catch (const std::exception& error) {
    return {.health = Health::fault, .detail = error.what()};
  }
}

// Everything in order; `said` hears of each finding at once, since some take seconds.
template <typename Said>
std::vector<NamedFinding> examine_all(const DoctorOptions& options, Said said) {
  std::vector<NamedFinding> findings;
  const auto add = [&](NamedFinding finding) {
    said(finding);
    findings.push_back(std::move(finding));
  };
  for (const Check& check : kInstallation) add({.check = check.name, .finding = examine(check, options)});
  for (NamedFinding& finding : examine_gpus(machine::Nvml::open(), options.device != "cpu")) add(std::move(finding));
  for (const Check& check : kMeasurement) add({.check = check.name, .finding = examine(check, options)});
  return findings;
}

}  // namespace

int examine_machine(const DoctorOptions& options) {
  std::FILE* people = options.json == "-" ? stderr : stdout;
  const auto findings = examine_all(options, [&](const NamedFinding& finding) {
    fmt::print(people, "{}", to_text(finding));
    std::fflush(people);
  });
  const std::string json = to_json(findings);
  if (options.json == "-")
    fmt::print("{}", json);
  else if (!options.json.empty())
    store::replace_file(std::filesystem::absolute(options.json), json);
  return static_cast<int>(is_sound(findings) ? ExitStatus::held : ExitStatus::invalid);
}

}  // namespace wan::cli
