#include "harness/cli/resources.h"

#include <cstdlib>

#include "engine/base/error.h"

namespace wan::cli {

std::filesystem::path share_dir() {
  if (const char* named = std::getenv("WAN_EVAL_SHARE"); named && *named) return named;
  return std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path() / "share" / "wan-eval";
}

std::filesystem::path suites_dir() { return share_dir() / "suites"; }
std::filesystem::path data_dir() { return share_dir() / "data"; }

std::filesystem::path cache_dir() {
  const auto named = [](const char* variable) {
    const char* value = std::getenv(variable);
    return std::filesystem::path(value ? value : "");
  };
  if (const auto own = named("WAN_CACHE"); !own.empty()) return own;
  if (const auto shared = named("XDG_CACHE_HOME"); !shared.empty()) return shared / "wan-eval";
  const auto home = named("HOME");
  return home.empty() ? home : home / ".cache" / "wan-eval";
}

std::filesystem::path model_dir(const std::string& name) {
  const auto embedded = share_dir() / "models" / name;
  if (name.find('/') == std::string::npos && std::filesystem::is_directory(embedded)) return embedded;
  if (std::filesystem::is_directory(name)) return name;
  throw UsageError(
      fmt::format("model '{}': neither an embedded model (looked in {}) nor a folder; name a checkpoint folder (official or diffusers "
                  "layout), or wan-tiny",
                  name, (share_dir() / "models").string()));
}

}  // namespace wan::cli
