// Reading append-only lines back after whatever happened to their writer.
#pragma once

#include <fmt/format.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "engine/base/error.h"
#include "engine/base/log.h"

namespace wan::store {

// From where `file` stands; reads it to its end.
template <typename Entry>
bool has_sound_line(std::istream& file, Entry (*from_line)(std::string_view, const std::string&)) {
  for (std::string line; std::getline(file, line);) {
    try {
      from_line(line, {});
      return true;
    } catch (const UsageError&) {
    }
  }
  return false;
}

// Gives every entry in the order of the file, with "<file>:<line>", one at a time. An absent file is an empty log. A line that cannot be
// read is dropped if no sound one follows and a UsageError that ends with `damage` if one does. Returns the bytes of the sound lines:
// behind them, if anything, stands a torn end.
template <typename Entry>
std::int64_t read_line_log(const std::filesystem::path& path, Entry (*from_line)(std::string_view, const std::string&),
                           const std::function<void(Entry&&, const std::string& place)>& on_entry, const char* damage) {
  std::int64_t sound_bytes = 0;
  if (!std::filesystem::exists(path)) return sound_bytes;
  std::ifstream file(path, std::ios::binary);
  if (!file) throw UsageError(fmt::format("{}: cannot be read: {}", path.string(), std::strerror(errno)));
  std::string line;
  for (std::size_t number = 1; std::getline(file, line); ++number) {
    const bool has_end = !file.eof();
    const std::string place = fmt::format("{}:{}", path.string(), number);
    Entry entry;
    try {
      if (!has_end) throw UsageError("the line has no end");
      entry = from_line(line, place);
    } catch (const UsageError& error) {
      if (has_end && has_sound_line(file, from_line))  // what a crash leaves behind the end may hold line ends, but no entries
        throw UsageError(fmt::format("{}; {}", error.what(), damage));
      log::warn("{}: dropped a torn last line ({})", place, error.what());
      break;
    }
    sound_bytes += static_cast<std::int64_t>(line.size()) + 1;
    on_entry(std::move(entry), place);
  }
  if (file.bad()) throw UsageError(fmt::format("{}: cannot be read to its end", path.string()));
  return sound_bytes;
}

}  // namespace wan::store
