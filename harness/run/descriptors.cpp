#include "harness/run/descriptors.h"

#include <fcntl.h>

#include <cerrno>
#include <system_error>

namespace wan::run {

void throw_system_error(const char* call) { throw std::system_error(errno, std::generic_category(), call); }

UniqueFd above_standard(UniqueFd fd) {
  UniqueFd moved(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 10));
  if (!moved) throw_system_error("fcntl");
  return moved;
}

}  // namespace wan::run
