#include "harness/cli/run_setup.h"

#include <fmt/format.h>

#include <cstdlib>
#include <limits>
#include <memory>
#include <set>
#include <thread>

#include "engine/base/build_info.h"
#include "engine/base/error.h"
#include "engine/generator.h"
#include "engine/runtime/plugin.h"
#include "harness/cli/resources.h"
#include "harness/machine/nvml.h"
#include "harness/machine/sampler.h"
#include "harness/run/process_executor.h"
#include "harness/store/environment.h"

namespace wan::cli {
namespace {

int index_of(const std::string& device) {
  const auto colon = device.find(':');
  return colon == std::string::npos ? 0 : std::stoi(device.substr(colon + 1));
}

// "NVIDIA H200 ..." for cuda and cuda:<index>.
std::string gpu_name(const std::string& device) {
  const int index = index_of(device);
  const runtime::CudaPlugin& plugin = runtime::load_cuda_plugin();
  if (index >= plugin.device_count())
    throw UsageError(fmt::format("--device {}: this machine shows {} CUDA devices", device, plugin.device_count()));
  return plugin.device_name(index);
}

store::Environment describe_machine(const std::string& device) {
  store::Environment environment = store::describe_environment(device);
  environment.libtorch = WAN_LIBTORCH_VERSION;
  if (device == "cpu") return environment;
  environment.device_name = gpu_name(device);
  const auto nvml = machine::Nvml::open();
  environment.driver = nvml.driver_version().value.value_or("");
  environment.cuda = nvml.cuda_version().value.value_or("");
  return environment;
}

// Workers inherit this: libgomp reads it when a program starts. As it comes, its threads spin for milliseconds at each barrier, and beside
// any other program a clip then takes ten to a hundred times as long.
void shorten_spinning() {
  if (!std::getenv("OMP_WAIT_POLICY")) ::setenv("GOMP_SPINCOUNT", "5000", /*overwrite=*/0);
}

}  // namespace

std::vector<std::string> devices_of(const plan::Settings& settings, const RunOptions& options) {
  std::vector<std::string> devices{""};
  for (const char letter : settings.device) letter == ',' ? void(devices.emplace_back()) : devices.back().push_back(letter);
  if (devices.size() == 1) return devices;
  const auto refuse = [&](const std::string& why) { throw UsageError(fmt::format("--device {}: {}", settings.device, why)); };
  std::set<std::string> gpus, classes;
  for (const auto& device : devices) {
    if (device != "cpu" && !gpus.insert(fmt::format("cuda:{}", index_of(device))).second)
      refuse(fmt::format("{} stands twice, and a device holds two workers at the most", device));
    classes.insert(device == "cpu" ? "cpu" : gpu_name(device));
  }
  if (classes.size() > 1) refuse(fmt::format("one run is of one class of device, these are {}", fmt::join(classes, " and ")));
  if (options.executor != "process") refuse("several devices need --executor process: one process's engine serves one of them");
  if (!options.shard.empty()) refuse("--shard is one machine's part already; give each shard one device");
  return devices;
}

run::RunRequest make_request(const plan::Settings& settings, const RunOptions& options, const std::string& device) {
  run::RunRequest request{.checkpoint_dir = model_dir(settings.model).string(), .model = settings.model};
  request.device = device;
  request.noise_source = settings.noise_source;
  request.threads = settings.threads;
  request.strict = settings.strict;
  request.command = options.command;
  request.build_id = build_id();
  request.data_dir = data_dir();
  request.optimizations = list_optimizations();
  request.environment = describe_machine(device);
  const std::int64_t threads = settings.threads > 0 ? settings.threads : std::thread::hardware_concurrency();
  request.device_class =
      device == "cpu" ? fmt::format("{}, {} threads", request.environment.cpu, threads) : request.environment.device_name;
  return request;
}

run::ResidentLimits resident_limits(const run::RunRequest& request, const RunOptions& options, std::size_t devices) {
  constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();
  if (request.device == "cpu")
    return {.most = kNoLimit, .weight_bytes = request.environment.memory_bytes / 2 / static_cast<std::int64_t>(devices)};
  const auto gpu = machine::Nvml::open().device(index_of(request.device));
  const auto memory = gpu.value ? (*gpu.value)->memory().value : std::nullopt;
  if (!memory || options.executor != "process") return {.most = 1};
  return {.most = 2, .weight_bytes = memory->total_bytes / 2};
}

std::function<std::function<machine::Covariates()>()> observer(const std::string& device) {
  machine::SamplerOptions options;
  if (device != "cpu") {
    if (auto gpu = machine::Nvml::open().device(index_of(device)); gpu.value) options.gpu = *gpu.value;
  }
  return [options] {
    auto sampler = std::make_shared<machine::Sampler>(options);
    return [sampler] { return sampler->finish(); };
  };
}

run::Residents::Make executor_maker(const RunOptions& options) {
  shorten_spinning();
  if (options.executor == "process") return [] { return run::make_process_executor(); };
  return run::make_in_process_executor;
}

}  // namespace wan::cli
