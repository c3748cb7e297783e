// A fresh folder that goes away with the test.
#pragma once

#include <filesystem>
#include <string>

namespace wan::testing {

class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;  // the folder is removed once
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

std::string read_file(const std::filesystem::path& path);

// While it lives no file of this process can grow beyond `bytes`: writing more fails as a full disk does, after a part of it went out.
class FullDisk {
 public:
  explicit FullDisk(std::size_t bytes);
  ~FullDisk();
  FullDisk(const FullDisk&) = delete;  // the limit belongs to the process
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  unsigned long previous_;
  void (*handler_)(int);
};

}  // namespace wan::testing
