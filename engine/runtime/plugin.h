// The CUDA plug-in: everything that needs CUDA headers lives in libwan_cuda.so, opened once with dlopen(RTLD_NOW | RTLD_GLOBAL). It exports
// `wan_cuda_plugin`, which returns this table; a table of another version or another build is refused, because the two share C++ types.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace wan {
struct Seams;
}

namespace wan::runtime {

inline constexpr int kPluginVersion = 3;

struct CudaPlugin {
  int version;
  const char* build_id;
  int (*device_count)();                  // 0 without a driver
  std::string (*device_name)(int index);  // name, compute capability, memory
  void (*reset_peak_bytes)(int index);
  std::int64_t (*peak_bytes)(int index);
  std::int64_t (*free_bytes)(int index);
  void (*leave_default_stream)(int index);                             // repeated.h
  std::function<void()> (*record)(const std::function<void()>& body);  // repeated.h: what replays it
  void (*fill_seams)(Seams& seams);  // kernel variants in place of reference paths, each with that path behind it
};

extern "C" using CudaPluginEntry = const CudaPlugin * ();

// Opens the plug-in beside libwan_engine.so (once), or throws UsageError: not built, not loadable (with the loader's reason), of another
// build.
const CudaPlugin& load_cuda_plugin();

// Empty, or why load_cuda_plugin would throw: for `wan-eval doctor`.
std::string cuda_plugin_problem();

}  // namespace wan::runtime
