// What several metrics of one comparison compute together: the first to ask makes it, the others get the same. Lives as long as the
// comparison; used from one thread.
#pragma once

#include <map>
#include <memory>
#include <string>

namespace wan::metrics {

class SharedWork {
 public:
  // Base of whatever is shared.
  struct Entry {
    virtual ~Entry() = default;
  };

  // The entry under `key`, which every user must mean the same type by; made by make() if there is none. What make() throws is thrown on.
  template <typename T, typename Make>
  std::shared_ptr<T> find_or_make(const std::string& key, Make make) {
    if (const auto at = entries_.find(key); at != entries_.end()) return std::static_pointer_cast<T>(at->second);
    std::shared_ptr<T> made = make();
    entries_.emplace(key, made);
    return made;
  }

 private:
  std::map<std::string, std::shared_ptr<Entry>> entries_;
};

}  // namespace wan::metrics
