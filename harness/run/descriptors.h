// File descriptors with an owner.
#pragma once

#include <unistd.h>

#include <utility>

namespace wan::run {

class UniqueFd {
 public:
  explicit UniqueFd(int fd = -1) : fd_(fd) {}
  ~UniqueFd() { reset(); }
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  void reset() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  int fd_;
};

// A std::system_error of errno, naming the call.
[[noreturn]] void throw_system_error(const char* call);

// The same file under a number of 10 or more, not inherited by a program that is started: 0 to 3 are a child's own.
UniqueFd above_standard(UniqueFd fd);

}  // namespace wan::run
