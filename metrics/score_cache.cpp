#include "metrics/score_cache.h"

#include <utility>

namespace wan::metrics {

std::shared_ptr<const ScoreCache::Entry> ScoreCache::find(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto at = by_key_.find(key);
  if (at == by_key_.end()) return nullptr;
  slots_.splice(slots_.begin(), slots_, at->second);
  return at->second->entry;
}

void ScoreCache::keep(const std::string& key, std::shared_ptr<const Entry> entry, std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  if (const auto at = by_key_.find(key); at != by_key_.end()) erase(at->second);
  if (bytes > max_bytes_) return;
  while (used_bytes_ + bytes > max_bytes_) erase(std::prev(slots_.end()));
  slots_.push_front({key, std::move(entry), bytes});
  by_key_[key] = slots_.begin();
  used_bytes_ += bytes;
}

std::size_t ScoreCache::used_bytes() const {
  const std::lock_guard lock(mutex_);
  return used_bytes_;
}

void ScoreCache::erase(std::list<Slot>::iterator slot) {
  used_bytes_ -= slot->bytes;
  by_key_.erase(slot->key);
  slots_.erase(slot);
}

}  // namespace wan::metrics
