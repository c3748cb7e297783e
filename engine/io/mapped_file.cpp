#include "engine/io/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "engine/base/error.h"

namespace wan::io {

MappedFile map_file(const std::filesystem::path& path) {
  const auto fail = [&](const char* what) -> UsageError {
    return UsageError(fmt::format("{}: {}: {}", path.string(), what, std::strerror(errno)));
  };
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // a named pipe must not hang us
  if (fd < 0) throw fail("cannot be opened");
  const std::shared_ptr<const int> guard(&fd, [](const int* open) { ::close(*open); });
  struct stat status {};
  if (::fstat(fd, &status) != 0) throw fail("cannot be examined");
  if (!S_ISREG(status.st_mode)) throw UsageError(fmt::format("{}: not a regular file, expected one", path.string()));
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0) return {};
  void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (address == MAP_FAILED) throw fail("cannot be mapped");
  return {.bytes = {static_cast<const std::byte*>(address), size},
          .owner = std::shared_ptr<const void>(address, [size](const void* p) { ::munmap(const_cast<void*>(p), size); })};
}

}  // namespace wan::io
