#include "harness/store/refresh_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace wan::store {

RefreshLock::RefreshLock(const std::filesystem::path& file) : fd_(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
  held_ = fd_ >= 0 && ::flock(fd_, LOCK_EX | LOCK_NB) == 0;
}

RefreshLock::~RefreshLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace wan::store
