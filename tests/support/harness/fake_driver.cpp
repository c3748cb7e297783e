#include "tests/support/harness/fake_driver.h"

#include <dlfcn.h>

#include <memory>
#include <stdexcept>

namespace wan::testing {

FakeDriver::FakeDriver(Age age)
    : path_(std::string(WAN_BINARY_DIR) + (age == Age::current ? "/lib/libfake_nvml.so" : "/lib/libfake_nvml_old.so")),
      library_(::dlopen(path_.c_str(), RTLD_NOW | RTLD_LOCAL)) {
  if (!library_) throw std::runtime_error(::dlerror());
  state_ = reinterpret_cast<FakeNvmlState*>(::dlsym(library_, "fake_nvml_state"))();
  std::destroy_at(state_);
  std::construct_at(state_);
}

FakeDriver::~FakeDriver() { ::dlclose(library_); }

std::string another_library() { return std::string(WAN_BINARY_DIR) + "/lib/libwan_base.so"; }

}  // namespace wan::testing
