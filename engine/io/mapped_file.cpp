#include "engine/io/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "engine/base/error.h"

namespace wan::io {
namespace {

struct Descriptor {
  explicit Descriptor(int open) : value(open) {}
  ~Descriptor() { ::close(value); }
  Descriptor(const Descriptor&) = delete;  // closed once
  Descriptor& operator=(const Descriptor&) = delete;
  int value;
};

// The deleter of a mapping's owner; read_mapped finds the file again through it.
struct Mapping {
  std::shared_ptr<const Descriptor> file;
  std::span<const std::byte> bytes;
  std::string name;
  void operator()(const void*) const { ::munmap(const_cast<std::byte*>(bytes.data()), bytes.size()); }
};

off_t offset_of(std::span<const std::byte> bytes, const Mapping& mapping) {
  const auto offset = bytes.data() - mapping.bytes.data();
  WAN_CHECK(offset >= 0 && bytes.size() <= mapping.bytes.size() - static_cast<std::size_t>(offset), "bytes outside of {}", mapping.name);
  return offset;
}

}  // namespace

MappedFile map_file(const std::filesystem::path& path) {
  const auto fail = [&](const char* what) -> UsageError {
    return UsageError(fmt::format("{}: {}: {}", path.string(), what, std::strerror(errno)));
  };
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // a named pipe must not hang us
  if (fd < 0) throw fail("cannot be opened");
  const auto file = std::make_shared<const Descriptor>(fd);
  struct stat status {};
  if (::fstat(fd, &status) != 0) throw fail("cannot be examined");
  if (!S_ISREG(status.st_mode)) throw UsageError(fmt::format("{}: not a regular file, expected one", path.string()));
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0) return {};
  void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (address == MAP_FAILED) throw fail("cannot be mapped");
  const std::span bytes(static_cast<const std::byte*>(address), size);
  return {.bytes = bytes, .owner = std::shared_ptr<const void>(address, Mapping{.file = file, .bytes = bytes, .name = path.string()})};
}

void read_mapped(std::span<const std::byte> bytes, const std::shared_ptr<const void>& owner, std::byte* destination) {
  const auto* mapping = std::get_deleter<Mapping>(owner);
  if (!mapping) {
    if (!bytes.empty()) std::memcpy(destination, bytes.data(), bytes.size());
    return;
  }
  auto offset = offset_of(bytes, *mapping);
  for (std::size_t left = bytes.size(); left > 0;) {
    const auto got = ::pread(mapping->file->value, destination, left, offset);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw UsageError(fmt::format("{}: cannot be read: {}", mapping->name, std::strerror(errno)));
    if (got == 0) throw UsageError(fmt::format("{}: ends at byte {}; it was longer when it was opened", mapping->name, offset));
    left -= static_cast<std::size_t>(got);
    offset += got;
    destination += got;
  }
}

void will_read_mapped(std::span<const std::byte> bytes, const std::shared_ptr<const void>& owner) {
  // A hint: where the system does not take it, reading is slower and no less right.
  if (const auto* mapping = std::get_deleter<Mapping>(owner))
    ::posix_fadvise(mapping->file->value, offset_of(bytes, *mapping), static_cast<off_t>(bytes.size()), POSIX_FADV_WILLNEED);
}

}  // namespace wan::io
