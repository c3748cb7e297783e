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
#include "harness/store/line_log.h"
#include "harness/store/record_json.h"
#include "harness/store/result_store.h"

namespace wan::store {
namespace {

[[noreturn]] void fail_storage(const std::filesystem::path& path, const char* what) {
  throw StorageError(fmt::format("{}: {}: {}", path.string(), what, std::strerror(errno)));
}

constexpr const char* kTemporary = ".tmp.";
constexpr const char* kRemedy = "sound lines follow: put a sound copy of the file in its place, or run anew";

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

}  // namespace

std::int64_t read_cell_log(const std::filesystem::path& path, const std::function<void(Cell&&, const std::string&)>& on_cell) {
  return read_line_log<Cell>(path, cell_from_json_line, on_cell, kRemedy);
}

std::int64_t read_visit_log(const std::filesystem::path& path, const std::function<void(Visit&&, const std::string&)>& on_visit) {
  return read_line_log<Visit>(path, visit_from_json_line, on_visit, kRemedy);
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
