#include "metrics/kernels/simd.h"

#include <vector>

namespace wan::metrics {
namespace {

std::vector<Simd> find_available() {
  std::vector<Simd> levels{Simd::baseline};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) levels.push_back(Simd::avx2);
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl"))
    levels.push_back(Simd::avx512);
#endif
  return levels;
}

}  // namespace

const char* to_string(Simd level) {
  switch (level) {
    case Simd::baseline:
      return "baseline";
    case Simd::avx2:
      return "avx2";
    case Simd::avx512:
      return "avx512";
  }
  return "unknown";
}

std::span<const Simd> available_simd() {
  static const std::vector<Simd> levels = find_available();
  return levels;
}

Simd best_simd() { return available_simd().back(); }

}  // namespace wan::metrics
