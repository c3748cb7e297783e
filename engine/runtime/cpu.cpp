#include "engine/runtime/cpu.h"

#include <fstream>
#include <sstream>

namespace wan::runtime {
namespace {

bool has_word(std::string_view text, std::string_view word) {
  std::istringstream words{std::string(text)};
  for (std::string one; words >> one;)
    if (one == word) return true;
  return false;
}

}  // namespace

std::string describe_bfloat16(std::string_view flags) {
  if (has_word(flags, "amx_bf16")) return "bfloat16 products in AMX tiles";
  if (has_word(flags, "avx512_bf16")) return "bfloat16 products in AVX512-BF16";
  if (has_word(flags, "avx512bw")) return "no bfloat16 unit: products widen to float32 in AVX-512";
  if (has_word(flags, "bf16")) return "bfloat16 products in the processor's own instructions";  // Arm
  return "no bfloat16 unit: products widen to float32, so bfloat16 saves memory and no time";
}

std::string describe_bfloat16() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.starts_with("flags") || line.starts_with("Features")) return describe_bfloat16(line);
  return describe_bfloat16("");
}

}  // namespace wan::runtime
