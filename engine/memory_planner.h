// The plan of a checkpoint under a configuration (memory/plan.h): what its weights will take, what the configuration has fixed already, and
// what is free. Knows no weights; a plan can be made for a device that is not here.
#pragma once

#include <string>
#include <vector>

#include "engine/configuration.h"
#include "engine/memory/plan.h"
#include "engine/pipeline_config.h"

namespace wan {
namespace text {
class Tokenizer;
}

class MemoryPlanner {
 public:
  // `free_bytes` of the device before anything is loaded; 0: not known, then everything fits.
  MemoryPlanner(const PipelineConfig& config, const LoadRequest& request, const AppliedConfiguration& applied, bool cuda,
                std::int64_t free_bytes);

  // The fastest plan that fits and keeps what `placement` says already. Without `place` everything stays where that puts it, and only the
  // decode's chunk is chosen. Throws UsageError, with the numbers and what would help, if it does not fit.
  memory::Plan plan(const memory::Workload& workload, const Placement& placement, bool place) const;
  // The stages' peaks under a plan, for another workload or where no text encoder is loaded.
  std::vector<memory::StagePeak> predict(const memory::Workload& workload, const memory::Choices& choices, bool encodes) const;
  std::vector<std::string> describe(const memory::Plan& plan, const memory::Workload& workload) const;

  // Of a request whose defaults are filled in. Without a prompt both are taken to be as long as they may be.
  memory::Workload workload(const GenerationRequest& request, const text::Tokenizer& tokenizer) const;
  const memory::WeightBytes& weights() const { return weights_; }

 private:
  memory::Job job(const memory::Workload& workload) const;
  memory::Fixed fixed(const Placement& placement, bool place) const;

  const PipelineConfig& config_;
  bool keeps_experts_;
  memory::Arithmetic arithmetic_;
  memory::WeightBytes weights_;
  std::int64_t free_bytes_;
};

// The placement that a plan asks for. The decode's chunk is no part of it: each request has its own.
Placement with_plan(Placement placement, const memory::Plan& plan);

}  // namespace wan
