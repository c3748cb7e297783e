#include "harness/store/cell_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

#include "engine/base/error.h"
#include "engine/base/log.h"
#include "harness/store/record_json.h"
#include "harness/store/result_store.h"

namespace wan::store {
namespace {

[[noreturn]] void fail_storage(const std::filesystem::path& path, const char* what) {
  throw StorageError(fmt::format("{}: {}: {}", path.string(), what, std::strerror(errno)));
}

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

template <typename Entry>
Log<Entry> read_log(const std::filesystem::path& path, Entry (*from_line)(std::string_view, const std::string&)) {
  Log<Entry> log;
  if (!std::filesystem::exists(path)) return log;
  const std::string text = read_text(path);
  std::size_t begin = 0;
  for (std::size_t number = 1; begin < text.size(); ++number) {
    const std::size_t end = text.find('\n', begin);
    const bool is_last = end == std::string::npos || end + 1 == text.size();
    try {
      if (end == std::string::npos) throw UsageError("the line has no end");
      log.entries.push_back(from_line(std::string_view(text).substr(begin, end - begin), fmt::format("{}:{}", path.string(), number)));
    } catch (const UsageError& error) {
      if (!is_last) throw;
      log::warn("{}:{}: dropped a torn last line ({})", path.string(), number, error.what());
      break;
    }
    begin = end + 1;
    log.sound_bytes = static_cast<std::int64_t>(begin);
  }
  return log;
}

}  // namespace

Log<Cell> read_cell_log(const std::filesystem::path& path) { return read_log<Cell>(path, cell_from_json_line); }
Log<Visit> read_visit_log(const std::filesystem::path& path) { return read_log<Visit>(path, visit_from_json_line); }

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

void replace_file(const std::filesystem::path& path, std::string_view text) {
  const std::filesystem::path temporary = path.string() + ".tmp";
  {
    const Descriptor file{::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
    if (file.fd < 0) fail_storage(temporary, "cannot create");
    write_all(file.fd, text, temporary);
    if (::fsync(file.fd) != 0) fail_storage(temporary, "cannot sync");
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) fail_storage(path, "cannot replace");
  const Descriptor folder{::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (folder.fd < 0 || ::fsync(folder.fd) != 0) fail_storage(path.parent_path(), "cannot sync");
}

std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw UsageError(fmt::format("{}: cannot be read: {}", path.string(), std::strerror(errno)));
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace wan::store
