// SHA-256 (FIPS 180-4): content hashes of clips, weights and pinned data files.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace wan {

class Sha256 {
 public:
  Sha256();
  void update(std::span<const std::byte> data);
  void update(std::string_view text);
  // Lower-case hexadecimal, 64 characters. The object must not be used afterwards.
  std::string hex_digest();

 private:
  void compress(const std::byte* block);
  std::array<std::uint32_t, 8> state_;
  std::array<std::byte, 64> pending_{};
  std::size_t pending_size_ = 0;
  std::uint64_t total_bytes_ = 0;
};

std::string sha256_hex(std::string_view text);
std::string sha256_hex(std::span<const std::byte> data);
// Throws UsageError if the file cannot be read.
std::string sha256_file(const std::filesystem::path& path);

}  // namespace wan
