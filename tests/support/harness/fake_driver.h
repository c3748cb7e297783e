// The fake of the driver's library (tests/support/machine/fake_nvml.h), opened and at its defaults while this lives.
#pragma once

#include <string>

#include "tests/support/machine/fake_nvml.h"

namespace wan::testing {

class FakeDriver {
 public:
  enum class Age { current, old };
  explicit FakeDriver(Age age = Age::current);
  ~FakeDriver();
  FakeDriver(const FakeDriver&) = delete;  // the library is closed once
  FakeDriver& operator=(const FakeDriver&) = delete;

  const std::string& path() const { return path_; }
  FakeNvml* operator->() const { return state_; }

 private:
  std::string path_;
  void* library_;
  FakeNvml* state_;
};

// A file that can be opened and is no NVML.
std::string another_library();

}  // namespace wan::testing
