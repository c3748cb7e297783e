// What metrics keep from one comparison to the next: a network's weights, the features of a reference clip that several candidates are
// compared with. The caller owns it and passes it on; its memory is bounded, the entry used longest ago goes first. Safe to share by
// threads.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace wan::metrics {

class ScoreCache {
 public:
  // Base of whatever a metric keeps.
  struct Entry {
    virtual ~Entry() = default;
  };

  explicit ScoreCache(std::size_t max_bytes = std::size_t{512} << 20) : max_bytes_(max_bytes) {}

  // nullptr if nothing is kept under `key`. Keys start with the metric's id and version.
  std::shared_ptr<const Entry> find(const std::string& key);
  // Does nothing if `bytes` alone exceed the bound. The entry must not change any more.
  void keep(const std::string& key, std::shared_ptr<const Entry> entry, std::size_t bytes);

  std::size_t max_bytes() const { return max_bytes_; }
  std::size_t used_bytes() const;

 private:
  struct Slot {
    std::string key;
    std::shared_ptr<const Entry> entry;
    std::size_t bytes;
  };
  void erase(std::list<Slot>::iterator slot);

  const std::size_t max_bytes_;
  mutable std::mutex mutex_;
  std::size_t used_bytes_ = 0;
  std::list<Slot> slots_;  // latest use first
  std::unordered_map<std::string, std::list<Slot>::iterator> by_key_;
};

}  // namespace wan::metrics
