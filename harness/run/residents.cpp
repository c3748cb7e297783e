#include "harness/run/residents.h"

#include <algorithm>
#include <utility>

#include "engine/base/error.h"

namespace wan::run {

Residents::Residents(Make make, ResidentLimits limits) : make_(std::move(make)), limits_(limits) {
  WAN_CHECK(limits_.most > 0, "at least one configuration must be loaded to be run");
}

Executor* Residents::find(std::size_t configuration) const {
  const auto found = residents_.find(configuration);
  return found == residents_.end() ? nullptr : found->second.executor.get();
}

void Residents::make_room(const NextUse& next_use) {
  const auto is_full = [&] {
    std::int64_t held = 0;
    for (const auto& [configuration, resident] : residents_) held += resident.weight_bytes;
    return residents_.size() >= limits_.most || (limits_.weight_bytes > 0 && held + largest_bytes_ > limits_.weight_bytes);
  };
  while (!residents_.empty() && is_full()) {
    const auto last = std::max_element(residents_.begin(), residents_.end(),
                                       [&](const auto& a, const auto& b) { return next_use(a.first) < next_use(b.first); });
    unload(last->first);
  }
}

LoadReport Residents::load(std::size_t configuration, const LoadRequest& request, const NextUse& next_use) {
  make_room(next_use);
  auto executor = make_();
  LoadReport report = executor->load(request);
  largest_bytes_ = std::max(largest_bytes_, report.weight_bytes);
  residents_[configuration] = {.executor = std::move(executor), .weight_bytes = report.weight_bytes};
  return report;
}

void Residents::unload(std::size_t configuration) {
  const auto found = residents_.find(configuration);
  if (found == residents_.end()) return;
  found->second.executor->unload();
  residents_.erase(found);
}

void Residents::unload_all() {
  while (!residents_.empty()) unload(residents_.begin()->first);
}

}  // namespace wan::run
