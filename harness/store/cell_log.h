// cells.jsonl and visits.jsonl: append-only lines on a file descriptor, and reading them back after whatever happened to the writer.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

#include "harness/store/record.h"

namespace wan::store {

template <typename Entry>
struct Log {
  std::vector<Entry> entries = {};
  std::int64_t sound_bytes = 0;  // up to here the file is whole lines; behind it, if anything, stands the torn last one
};

// An absent file is an empty log. A line that cannot be read is dropped if it is the last one and a UsageError if it is not.
Log<Cell> read_cell_log(const std::filesystem::path& path);
Log<Visit> read_visit_log(const std::filesystem::path& path);

// Appends `line` and a newline and syncs the file. StorageError on failure, after taking back what was written.
void append_line(int fd, std::string_view line, const std::filesystem::path& path);

// Writes beside `path`, syncs, renames over it and syncs the folder, so that a reader or a crash never sees half a file.
void replace_file(const std::filesystem::path& path, std::string_view text);

// The whole file. UsageError with the system's reason.
std::string read_text(const std::filesystem::path& path);

}  // namespace wan::store
