// The directory of a zip archive (also zip64): which bytes of the archive are which entry. Stored entries alone, because then an entry is a
// span of a mapped file; anything compressed, encrypted, spread over several disks or overlapping is refused. Offsets and lengths are
// checked before use. Checksums are not: they would read all of a file that is mapped so as not to be read. ATen-free.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <string>

namespace wan::io {

struct ZipEntries {
  std::map<std::string, std::span<const std::byte>, std::less<>> files = {};  // name -> its bytes, inside the archive's; no folders
};

// `name` stands for the path in messages. Throws UsageError.
ZipEntries read_zip(std::span<const std::byte> archive, const std::string& name);

bool starts_like_zip(std::span<const std::byte> bytes);

}  // namespace wan::io
