#include "harness/store/environment.h"

#include <fmt/format.h>

#include <ctime>
#include <fstream>
#include <sstream>
#include <string>

#include "engine/base/build_info.h"
#include "harness/store/result_store.h"

namespace wan::store {
namespace {

#ifdef __clang__
constexpr const char* kCompiler = __VERSION__;  // "Clang 14.0.6"
#else
constexpr const char* kCompiler = "GCC " __VERSION__;
#endif

// Of one core's worth of foreign work, times of a CPU run vary by more than the materiality of the speed gate.
constexpr double kBusyLoadPerCore = 0.5;

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\"\n");
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\"\n") - first + 1);
}

// The value of the first line `key<separator>value`.
std::string field(const std::filesystem::path& file, const std::string& key, char separator) {
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    const auto at = line.find(separator);
    if (at != std::string::npos && trimmed(line.substr(0, at)) == key) return trimmed(line.substr(at + 1));
  }
  return {};
}

std::string first_line(const std::filesystem::path& file) {
  std::ifstream lines(file);
  std::string line;
  std::getline(lines, line);
  return trimmed(line);
}

int count_cores(const std::filesystem::path& root) {
  std::ifstream lines(root / "proc/cpuinfo");
  int cores = 0;
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("processor")) ++cores;
  return cores;
}

// Not every virtual machine tells its CPU's name.
std::string cpu_model(const std::filesystem::path& root) {
  const std::string model = field(root / "proc/cpuinfo", "model name", ':');
  return model.empty() ? field(root / "proc/cpuinfo", "vendor_id", ':') : model;
}

std::int64_t memory_bytes(const std::filesystem::path& root) {
  std::int64_t kibibytes = 0;
  std::istringstream(field(root / "proc/meminfo", "MemTotal", ':')) >> kibibytes;
  return kibibytes * 1024;
}

}  // namespace

Environment describe_environment(const std::string& device, const std::filesystem::path& root) {
  Environment environment;
  environment.version = version();
  environment.git_revision = git_revision();
  environment.build_id = build_id();
  environment.build_type = build_type();
  environment.compiler = kCompiler;
  environment.device = device;
  environment.host_os = field(root / "etc/os-release", "PRETTY_NAME", '=');
  environment.cpu = cpu_model(root);
  environment.cores = count_cores(root);
  environment.memory_bytes = memory_bytes(root);
  environment.started_at = utc_iso8601(std::time(nullptr));
  environment.warnings = measurement_warnings(root);
  if (device == "cpu") environment.device_name = environment.cpu;
  return environment;
}

std::vector<std::string> measurement_warnings(const std::filesystem::path& root) {
  std::vector<std::string> warnings;
  const int cores = count_cores(root);
  double load = 0;
  std::istringstream(first_line(root / "proc/loadavg")) >> load;
  if (cores > 0 && load > kBusyLoadPerCore * cores)
    warnings.push_back(fmt::format("the load average is {:.2f} on {} cores: other work disturbs times; stop it or wait", load, cores));
  const std::string governor = first_line(root / "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
  if (!governor.empty() && governor != "performance")
    warnings.push_back(fmt::format(
        "the CPU frequency governor is {}: clocks change with load; `cpupower frequency-set -g performance` fixes them", governor));
  return warnings;
}

}  // namespace wan::store
