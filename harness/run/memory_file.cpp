#include "harness/run/memory_file.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <initializer_list>
#include <span>

#include "harness/run/message.h"

namespace wan::run {
namespace {

void write_all(int file, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_system_error("write to memory");
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

void read_all(int file, std::span<std::byte> bytes, off_t at) {
  while (!bytes.empty()) {
    const ssize_t count = ::pread(file, bytes.data(), bytes.size(), at);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_system_error("read from memory");
    if (count == 0) throw ProtocolError("clip: the memory has shrunk");
    bytes = bytes.subspan(static_cast<std::size_t>(count));
    at += count;
  }
}

// Sizes come from the other process: none may be negative, and no product may wrap.
std::int64_t product(std::span<const std::int64_t> sizes) {
  std::int64_t all = sizes.empty() ? 0 : 1;
  for (const std::int64_t size : sizes)
    if (size < 0 || __builtin_mul_overflow(all, size, &all)) throw ProtocolError("clip: sizes that no clip has");
  return all;
}

}  // namespace

UniqueFd write_memory_file(const GenerationResult& result) {
  UniqueFd file(::memfd_create("clip", MFD_CLOEXEC));
  if (!file) throw_system_error("memfd_create");
  write_all(file.get(), std::as_bytes(std::span(result.clip.rgb)));
  write_all(file.get(), std::as_bytes(std::span(result.latents.values)));
  return file;
}

void read_memory_file(const UniqueFd& file, GenerationResult& result) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) throw_system_error("fstat");
  const std::int64_t pixels = product(std::initializer_list<std::int64_t>{result.clip.frames, result.clip.height, result.clip.width, 3});
  const std::int64_t latents = product(result.latents.shape);
  std::int64_t wanted = 0;
  if (__builtin_mul_overflow(latents, std::int64_t{sizeof(float)}, &wanted) || __builtin_add_overflow(wanted, pixels, &wanted) ||
      wanted != status.st_size)
    throw ProtocolError(fmt::format("clip: {} bytes came, its sizes want another number", status.st_size));
  result.clip.rgb.resize(static_cast<std::size_t>(pixels));
  result.latents.values.resize(static_cast<std::size_t>(latents));
  read_all(file.get(), std::as_writable_bytes(std::span(result.clip.rgb)), 0);
  read_all(file.get(), std::as_writable_bytes(std::span(result.latents.values)), pixels);
}

}  // namespace wan::run
