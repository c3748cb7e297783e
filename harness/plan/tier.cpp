#include "harness/plan/tier.h"

namespace wan::plan {

const char* to_string(Benefit benefit) {
  switch (benefit) {
    case Benefit::none:
      return "none";
    case Benefit::speed:
      return "speed";
    case Benefit::memory:
      return "memory";
    case Benefit::throughput:
      return "throughput";
  }
  return "?";
}

const char* to_string(GateKind gate) {
  switch (gate) {
    case GateKind::roadmap:
      return "roadmap";
    case GateKind::calibrated:
      return "calibrated";
  }
  return "?";
}

const char* to_string(Level level) {
  switch (level) {
    case Level::off:
      return "off";
    case Level::warn:
      return "warn";
    case Level::error:
      return "error";
  }
  return "?";
}

std::vector<std::string> needed_baselines(const Configuration& configuration) {
  if (configuration.id == configuration.quality_baseline) return {};
  std::vector<std::string> ids = {configuration.quality_baseline, configuration.noise_floor};
  if (configuration.benefit == Benefit::speed || configuration.benefit == Benefit::throughput) ids.push_back(configuration.speed_baseline);
  return ids;
}

}  // namespace wan::plan
