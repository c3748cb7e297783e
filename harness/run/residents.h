// Which configurations are loaded: a visit that finds its own pays for no load. On a GPU two sets of weights fit at the most, on a CPU
// often all of a small model's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "harness/run/executor.h"

namespace wan::run {

struct ResidentLimits {
  std::size_t most = 1;
  std::int64_t weight_bytes = 0;  // of all together; 0: no limit
};

class Residents {
 public:
  using Make = std::function<std::unique_ptr<Executor>()>;
  // When a configuration is visited next; the greatest number: never.
  using NextUse = std::function<std::size_t(std::size_t configuration)>;

  Residents(Make make, ResidentLimits limits);

  // Nothing if it is not loaded.
  Executor* find(std::size_t configuration) const;
  // Makes room, those first that are needed last, and loads. What the executor throws goes through; nothing is resident then.
  LoadReport load(std::size_t configuration, const LoadRequest& request, const NextUse& next_use);
  void unload(std::size_t configuration);
  void unload_all();

 private:
  void make_room(const NextUse& next_use);

  struct Resident {
    std::unique_ptr<Executor> executor;
    std::int64_t weight_bytes = 0;
  };
  Make make_;
  ResidentLimits limits_;
  std::int64_t largest_bytes_ = 0;  // of any load so far: what the next one is expected to need
  std::map<std::size_t, Resident> residents_;
};

}  // namespace wan::run
