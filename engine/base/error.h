// The short list of errors. Types are the contract, texts are not: the runner decides by type, a person reads the text.
//
//   UsageError      a flag, a file or a config of the user is wrong (exit status 2)
//   CheckError      a broken precondition, ours or a caller's
//   CudaError       a CUDA call failed; the code is kept, the context still works
//   FatalCudaError  the CUDA context is lost: the run must stop
#pragma once

#include <fmt/core.h>

#include <stdexcept>
#include <string>

namespace wan {

class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class CheckError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class CudaError : public std::runtime_error {
 public:
  CudaError(int code, const std::string& what) : std::runtime_error(what), code_(code) {}
  int code() const { return code_; }

 private:
  int code_;
};

class FatalCudaError : public CudaError {
 public:
  using CudaError::CudaError;
};

// Throws CheckError with the condition's text, the message and the place. (Not std::source_location: clang has none before 16.)
[[noreturn]] void fail_check(const char* condition, const std::string& message, const char* file, int line);

}  // namespace wan

// WAN_CHECK(cond, "expected {} got {}", ...): the message is formatted only on failure. (CHECK itself is taken by c10.)
#define WAN_CHECK(condition, ...)                                                    \
  do {                                                                               \
    if (!(condition)) [[unlikely]]                                                   \
      ::wan::fail_check(#condition, ::fmt::format(__VA_ARGS__), __FILE__, __LINE__); \
  } while (0)
