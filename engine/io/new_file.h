// A file that appears whole or not at all: the bytes go to a temporary name in the same folder, commit() renames it into place.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

namespace wan::io {

// A name beside `path` that no other writer uses, hidden, with the same ending (encoders choose the format by it).
std::filesystem::path temporary_name(const std::filesystem::path& path);

class NewFile {
 public:
  // All members throw UsageError with the path and the system's reason.
  explicit NewFile(std::filesystem::path path);
  ~NewFile();                        // without commit() nothing is left behind
  NewFile(const NewFile&) = delete;  // owns the descriptor and the temporary name
  NewFile& operator=(const NewFile&) = delete;

  void write(std::span<const std::byte> bytes);
  void write(std::string_view text);
  void commit();

 private:
  [[noreturn]] void fail() const;
  std::filesystem::path path_;
  std::filesystem::path temporary_;
  int descriptor_ = -1;
};

void write_text(const std::filesystem::path& path, std::string_view text);  // all of a new file

}  // namespace wan::io
