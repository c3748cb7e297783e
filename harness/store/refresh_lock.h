// Says which of several processes brings an index up to date: a lock on a file, which goes with the process however that ends.
#pragma once

#include <filesystem>

namespace wan::store {

class RefreshLock {
 public:
  // Does not wait. The file is made if it is missing.
  explicit RefreshLock(const std::filesystem::path& file);
  ~RefreshLock();
  RefreshLock(const RefreshLock&) = delete;  // the lock goes with the descriptor
  RefreshLock& operator=(const RefreshLock&) = delete;
  bool held() const { return held_; }

 private:
  int fd_;
  bool held_ = false;
};

}  // namespace wan::store
