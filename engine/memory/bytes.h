// Sizes of memory as people write and read them.
#pragma once

#include <cstdint>
#include <string>

namespace wan::memory {

// Free memory less what a device needs beside tensors: its libraries' own memory and what fragments.
std::int64_t usable_bytes(std::int64_t free_bytes, bool device);

// "24GiB", "24G", "24576MiB" or bytes. Throws UsageError naming `flag`.
std::int64_t parse_bytes(const std::string& text, const char* flag);
std::string print_bytes(std::int64_t bytes);  // 23.90 GiB

}  // namespace wan::memory
