// Work on the frames of a reference clip that the next comparison with the same reference need not do again: features, flow. Kept in the
// ScoreCache as far as it fits, the clip's beginning first.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "metrics/score_cache.h"

namespace wan::metrics {

template <typename T>
class ReferenceWork {
 public:
  // `key` names the work, its version and the clip; items 0 ... count - 1 take `bytes` each. Nothing is kept if `cache` is nullptr.
  ReferenceWork(ScoreCache* cache, std::string key, std::int64_t count, std::int64_t bytes)
      : cache_(cache), key_(std::move(key)), bytes_(static_cast<std::size_t>(bytes)) {
    if (!cache) return;
    known_ = std::dynamic_pointer_cast<const Items>(cache->find(key_));
    if (known_) return;
    const std::size_t fitting = std::min(static_cast<std::size_t>(count), cache->max_bytes() / bytes_);
    if (fitting == 0) return;
    collected_ = std::make_shared<Items>();
    collected_->items.resize(fitting);
  }

  // Item i of an earlier comparison, or nullptr.
  std::shared_ptr<const T> find(std::int64_t i) const {
    const auto at = static_cast<std::size_t>(i);
    return known_ && at < known_->items.size() ? known_->items[at] : nullptr;
  }
  // Item i, made in this comparison. From several threads at once for different i.
  void give(std::int64_t i, std::shared_ptr<const T> item) {
    const auto at = static_cast<std::size_t>(i);
    if (collected_ && at < collected_->items.size()) collected_->items[at] = std::move(item);
  }
  // After the last item.
  void keep() {
    if (!collected_) return;
    const std::size_t bytes = collected_->items.size() * bytes_;
    cache_->keep(key_, std::move(collected_), bytes);
  }

 private:
  struct Items final : ScoreCache::Entry {
    std::vector<std::shared_ptr<const T>> items;
  };
  ScoreCache* const cache_;
  const std::string key_;
  const std::size_t bytes_;
  std::shared_ptr<const Items> known_;
  std::shared_ptr<Items> collected_;
};

}  // namespace wan::metrics
