// What the processor brings for the arithmetic of the models.
#pragma once

#include <string>
#include <string_view>

namespace wan::runtime {

// How oneDNN, which LibTorch's bfloat16 products run in, multiplies bfloat16 on a processor with these flags (those of /proc/cpuinfo): one
// clause for people.
std::string describe_bfloat16(std::string_view processor_flags);

// The same of this machine.
std::string describe_bfloat16();

}  // namespace wan::runtime
