#include "engine/base/stage_times.h"

namespace wan {

double StageTimes::stage_s(const std::string& name) const {
  for (const StageTime& stage : stages)
    if (stage.name == name) return stage.elapsed_s;
  return 0;
}

}  // namespace wan
