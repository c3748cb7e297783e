#include "harness/store/cell_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include "engine/base/error.h"
#include "engine/base/log.h"
#include "harness/store/record_json.h"
#include "harness/store/result_store.h"

namespace wan::store {
namespace {

[[noreturn]] void fail_storage(const std::filesystem::path& path, const char* what) {
  throw StorageError(fmt::format("{}: {}: {}", path.string(), what, std::strerror(errno)));
}

constexpr const char* kTemporary = ".tmp.";

void write_all(int fd, std::string_view text, const std::filesystem::path& path) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail_storage(path, "cannot write");
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

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

template <typename Entry>
std::int64_t read_log(const std::filesystem::path& path, Entry (*from_line)(std::string_view, const std::string&),
                      const std::function<void(Entry&&, const std::string&)>& on_entry) {
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
        throw UsageError(fmt::format("{}; sound lines follow: put a sound copy of the file in its place, or run anew", error.what()));
      log::warn("{}: dropped a torn last line ({})", place, error.what());
      break;
    }
    sound_bytes += static_cast<std::int64_t>(line.size()) + 1;
    on_entry(std::move(entry), place);
  }
  if (file.bad()) throw UsageError(fmt::format("{}: cannot be read to its end", path.string()));
  return sound_bytes;
}

}  // namespace

std::int64_t read_cell_log(const std::filesystem::path& path, const std::function<void(Cell&&, const std::string&)>& on_cell) {
  return read_log<Cell>(path, cell_from_json_line, on_cell);
}

std::int64_t read_visit_log(const std::filesystem::path& path, const std::function<void(Visit&&, const std::string&)>& on_visit) {
  return read_log<Visit>(path, visit_from_json_line, on_visit);
}

void append_line(int fd, std::string_view line, const std::filesystem::path& path) {
  const off_t before = ::lseek(fd, 0, SEEK_END);
  if (before < 0) fail_storage(path, "cannot find the end");
  try {
    // One write: the newline is on disk only with its line.
    write_all(fd, std::string(line) + "\n", path);
    if (::fdatasync(fd) != 0) fail_storage(path, "cannot sync");
  } catch (const StorageError&) {
    if (::ftruncate(fd, before) != 0) log::error("{}: cannot take back a half-written line: {}", path.string(), std::strerror(errno));
    throw;
  }
}

void replace_file(const std::filesystem::path& path, const std::function<std::string_view()>& next) {
  // Two processes may write the same report: each its own temporary file.
  const std::filesystem::path temporary = fmt::format("{}{}{}", path.string(), kTemporary, ::getpid());
  try {
    const Descriptor file{::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
    if (file.fd < 0) fail_storage(temporary, "cannot create");
    for (std::string_view text = next(); !text.empty(); text = next()) write_all(file.fd, text, temporary);
    if (::fsync(file.fd) != 0) fail_storage(temporary, "cannot sync");
    if (::rename(temporary.c_str(), path.c_str()) != 0) fail_storage(path, "cannot replace");
  } catch (...) {
    ::unlink(temporary.c_str());  // on a full disk half a file would only take room
    throw;
  }
  sync_folder(path.parent_path());
}

void replace_file(const std::filesystem::path& path, std::string_view text) {
  replace_file(path, [&] { return std::exchange(text, {}); });
}

void sync_folder(const std::filesystem::path& path) {
  const Descriptor folder{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (folder.fd < 0 || ::fsync(folder.fd) != 0) fail_storage(path, "cannot sync");
}

std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw UsageError(fmt::format("{}: cannot be read: {}", path.string(), std::strerror(errno)));
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace wan::store
