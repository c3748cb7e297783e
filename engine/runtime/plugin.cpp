#include "engine/runtime/plugin.h"

#include <dlfcn.h>

#include <filesystem>

#include "engine/base/build_info.h"
#include "engine/base/error.h"

namespace wan::runtime {
namespace {

std::filesystem::path plugin_path() {
  Dl_info info{};
  if (::dladdr(reinterpret_cast<const void*>(&load_cuda_plugin), &info) == 0 || !info.dli_fname) return "libwan_cuda.so";
  return std::filesystem::path(info.dli_fname).parent_path() / "libwan_cuda.so";
}

const CudaPlugin* open_plugin() {
  const auto path = plugin_path();
  if (!std::filesystem::exists(path))
    throw UsageError(fmt::format("no CUDA here: {} is missing; build with nvcc, or use --device cpu", path.string()));
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL);
  if (!library)
    throw UsageError(fmt::format(
        "the CUDA plug-in cannot be opened ({}); put LibTorch's lib folders and the CUDA wheels on LD_LIBRARY_PATH, or use --device cpu",
        ::dlerror()));
  auto* entry = reinterpret_cast<CudaPluginEntry*>(::dlsym(library, "wan_cuda_plugin"));
  const CudaPlugin* plugin = entry ? entry() : nullptr;
  if (!plugin || plugin->version != kPluginVersion || std::string(plugin->build_id) != build_id())
    throw UsageError(fmt::format("{} is of another build ({}) than this program ({}); build both together", path.string(),
                                 plugin && plugin->version == kPluginVersion ? plugin->build_id : "unknown", build_id()));
  return plugin;
}

}  // namespace

const CudaPlugin& load_cuda_plugin() {
  static const CudaPlugin* const kPlugin = open_plugin();  // an exception leaves it unset, so the next call tries again
  return *kPlugin;
}

std::string cuda_plugin_problem() {
  try {
    load_cuda_plugin();
    return {};
  } catch (const UsageError& error) {
    return error.what();
  }
}

}  // namespace wan::runtime
