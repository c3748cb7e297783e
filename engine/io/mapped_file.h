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

}  // namespace wan::io
