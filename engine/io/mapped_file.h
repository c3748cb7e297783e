// A whole file mapped read-only.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

namespace wan::io {

struct MappedFile {
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> owner;  // unmaps when the last copy goes
};

// Throws UsageError with the path and the system's reason.
MappedFile map_file(const std::filesystem::path& path);

// Copies bytes of a mapping into memory by reading the file, so that no page of the mapping becomes part of the process: twice as fast as
// touching them (measured), and a file that was cut short meanwhile is an error, not a signal. `owner` is the mapping's; bytes of any
// other owner are copied as they are.
void read_mapped(std::span<const std::byte> bytes, const std::shared_ptr<const void>& owner, std::byte* destination);

// Asks the system to bring the bytes in, without waiting: for a reader that will want all of them at once.
void will_read_mapped(std::span<const std::byte> bytes, const std::shared_ptr<const void>& owner);

}  // namespace wan::io
