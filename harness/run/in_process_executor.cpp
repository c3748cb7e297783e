#include <optional>

#include "engine/base/error.h"
#include "engine/generator.h"
#include "harness/run/executor.h"

namespace wan::run {
namespace {

class InProcessExecutor final : public Executor {
 public:
  LoadReport load(const LoadRequest& request) override {
    generator_.reset();  // before the next one: two sets of weights need not fit
    generator_.emplace(request);
    return generator_->load_report();
  }

  GenerationResult generate(const GenerationRequest& request, const Progress& progress) override {
    WAN_CHECK(generator_.has_value(), "generate before load");
    return generator_->generate(request, progress);
  }

  TimedSteps time_steps(const GenerationRequest& request, std::int64_t steps_an_expert, const Progress& progress) override {
    WAN_CHECK(generator_.has_value(), "time_steps before load");
    return generator_->time_steps(request, steps_an_expert, progress);
  }

  ReplayResult replay(const GenerationRequest& request, const std::string& trajectory_file, const Progress& progress) override {
    WAN_CHECK(generator_.has_value(), "replay before load");
    return generator_->replay(request, trajectory_file, progress);
  }

  void unload() override { generator_.reset(); }

 private:
  std::optional<Generator> generator_;
};

}  // namespace

std::unique_ptr<Executor> make_in_process_executor() { return std::make_unique<InProcessExecutor>(); }

}  // namespace wan::run
