#include "engine/io/new_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

#include "engine/base/error.h"

namespace wan::io {

std::filesystem::path temporary_name(const std::filesystem::path& path) {
  static std::atomic<unsigned> count = 0;
  return path.parent_path() / fmt::format(".partial-{}-{}-{}", ::getpid(), count++, path.filename().string());
}

NewFile::NewFile(std::filesystem::path path) : path_(std::move(path)), temporary_(temporary_name(path_)) {
  descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail();
}

NewFile::~NewFile() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  ::unlink(temporary_.c_str());
}

void NewFile::fail() const {
  throw UsageError(fmt::format("{}: cannot be written: {} (is the folder there and writable, and is there space?)", path_.string(),
                               std::strerror(errno)));
}

void NewFile::write(std::span<const std::byte> bytes) {
  WAN_CHECK(descriptor_ >= 0, "{} is written after commit", path_.string());
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail();
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

void NewFile::write(std::string_view text) { write(std::as_bytes(std::span(text.data(), text.size()))); }

void NewFile::commit() {
  // Network file systems report a full disk at close: only then may the name be taken.
  const bool closed = ::close(std::exchange(descriptor_, -1)) == 0;
  if (closed && ::rename(temporary_.c_str(), path_.c_str()) == 0) return;
  const int reason = errno;
  ::unlink(temporary_.c_str());
  errno = reason;
  fail();
}

void write_text(const std::filesystem::path& path, std::string_view text) {
  NewFile file(path);
  file.write(text);
  file.commit();
}

}  // namespace wan::io
