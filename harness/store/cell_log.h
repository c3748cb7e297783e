// cells.jsonl and visits.jsonl: append-only lines on a file descriptor, and reading them back after whatever happened to the writer.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "harness/store/record.h"

namespace wan::store {

// Gives every entry in the order of the file, with "<file>:<line>", one at a time. An absent file is an empty log. A line that cannot be
// read is dropped if it is the last one and a UsageError if it is not. Returns the bytes of the sound lines: behind them, if anything,
// stands the torn last one.
std::int64_t read_cell_log(const std::filesystem::path& path, const std::function<void(Cell&&, const std::string& place)>& on_cell);
std::int64_t read_visit_log(const std::filesystem::path& path, const std::function<void(Visit&&, const std::string& place)>& on_visit);

// Appends `line` and a newline and syncs the file. StorageError on failure, after taking back what was written.
void append_line(int fd, std::string_view line, const std::filesystem::path& path);

// Writes beside `path`, syncs, renames over it and syncs the folder, so that a reader or a crash never sees half a file. `next` gives the
// text piece by piece, an empty one at the end.
void replace_file(const std::filesystem::path& path, const std::function<std::string_view()>& next);
void replace_file(const std::filesystem::path& path, std::string_view text);

// What was made or removed in the folder survives a power cut.
void sync_folder(const std::filesystem::path& folder);

// The whole file. UsageError with the system's reason.
std::string read_text(const std::filesystem::path& path);

}  // namespace wan::store
