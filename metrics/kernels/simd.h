// Which instruction set a kernel runs with. Every metrics/kernels/*_simd.cpp is compiled once for each, in the namespace WAN_SIMD
// (baseline, avx2, avx512), and offers a table of functions; the header of a family picks the table for a level.
//
// Results are the same bits at every level: kernels use GCC's vector types of one fixed width, which the compiler splits as the level
// needs, sums run over a fixed number of lanes in a fixed order, and the compiler fuses no multiplication with an addition
// (-ffp-contract=off); where a kernel wants that, it says so and does it at every level.
// Such a file calls no inline function of a header: the linker keeps one copy of each, and it may be the one that needs AVX-512.
#pragma once

#include <span>

namespace wan::metrics {

enum class Simd { baseline, avx2, avx512 };
const char* to_string(Simd level);

// What this build holds and this machine can run, narrowest first; never empty.
std::span<const Simd> available_simd();
// The last of them.
Simd best_simd();

}  // namespace wan::metrics

// Declares `extern const Table name;` in the namespace of each level and defines `const Table& function(Simd)`. For the .cpp beside a
// *_simd.cpp, inside namespace wan::metrics.
#if defined(__x86_64__)
#define WAN_SIMD_TABLES(Table, name, function) \
  namespace baseline {                         \
  extern const Table name;                     \
  }                                            \
  namespace avx2 {                             \
  extern const Table name;                     \
  }                                            \
  namespace avx512 {                           \
  extern const Table name;                     \
  }                                            \
  const Table& function(Simd level) { return level == Simd::avx512 ? avx512::name : level == Simd::avx2 ? avx2::name : baseline::name; }
#else
#define WAN_SIMD_TABLES(Table, name, function) \
  namespace baseline {                         \
  extern const Table name;                     \
  }                                            \
  const Table& function(Simd) { return baseline::name; }
#endif
