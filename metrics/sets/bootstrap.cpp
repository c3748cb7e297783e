#include "metrics/sets/bootstrap.h"

#include <algorithm>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/random.h"
#include "metrics/pooling.h"
#include "metrics/worker_pool.h"

namespace wan::metrics::sets {
namespace {

// The high half of a 64 x 64-bit product: uniform but for 2^-64 times `count`.
std::size_t below(SplitMix64& random, std::size_t count) {
  return static_cast<std::size_t>(static_cast<unsigned __int128>(random.next()) * count >> 64);
}

std::vector<std::size_t> draw(SplitMix64& random, std::size_t count) {
  std::vector<std::size_t> indices(count);
  for (std::size_t& index : indices) index = below(random, count);
  return indices;
}

}  // namespace

Interval bootstrap(const FeatureSet& a, const FeatureSet& b, const BootstrapPlan& plan,
                   const std::function<double(const FeatureSet&, const FeatureSet&)>& distance) {
  WAN_CHECK(plan.resamples > 0 && (!plan.paired || a.count() == b.count()), "{} resamples of {} and {} clips", plan.resamples, a.count(),
            b.count());
  std::vector<double> values(static_cast<std::size_t>(plan.resamples));
  WorkerPool(plan.threads).run(plan.resamples, [&](std::int64_t i) {
    SplitMix64 random(SplitMix64(plan.seed + SplitMix64::kStep * static_cast<std::uint64_t>(i)).next());
    const std::vector<std::size_t> of_a = draw(random, a.count()), of_b = plan.paired ? of_a : draw(random, b.count());
    values[static_cast<std::size_t>(i)] = distance(a.picked(of_a), b.picked(of_b));
  });
  std::sort(values.begin(), values.end());
  return {percentile(values, (1 - plan.level) / 2), percentile(values, (1 + plan.level) / 2)};
}

}  // namespace wan::metrics::sets
