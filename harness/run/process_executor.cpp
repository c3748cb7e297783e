#include "harness/run/process_executor.h"

#include <exception>
#include <optional>
#include <utility>

#include "engine/base/error.h"
#include "harness/run/failure.h"
#include "harness/run/memory_file.h"
#include "harness/run/worker_process.h"

namespace wan::run {

struct ProcessExecutor::Impl {
  ProcessExecutorOptions options = {};
  std::optional<WorkerProcess> worker = {};
  std::optional<LoadRequest> loaded = {};
  std::exception_ptr reload_fault = {};
  std::uint64_t requests = 0;

  LoadReport load(const LoadRequest& request) {
    worker.emplace(options);
    try {
      const Received answer =
          worker->ask({.message = Load{.request = request}, .name = "loading", .limit_s = options.limits.load_s}, options.limits);
      return expect<Loaded>(answer).report;
    } catch (...) {
      end();
      throw;
    }
  }

  // `Wanted` is the answer that fits the request.
  template <typename Wanted, typename Asked>
  Received ask(Asked asked, const char* name, const Progress& progress) {
    if (reload_fault) reload_again();
    WAN_CHECK(worker.has_value(), "{} before load", name);
    asked.id = ++requests;
    try {
      Received answer = worker->ask(
          {.message = asked, .name = name, .limit_s = options.limits.request_s, .id = asked.id, .progress = progress}, options.limits);
      expect<Wanted>(answer);
      return answer;
    } catch (const Cancelled&) {
      if (worker->has_ended()) worker.reset();  // it had to be forced
      throw;
    } catch (const std::exception& error) {
      if (is_infrastructure_fault(error)) reload();
      throw;
    }
  }

  template <typename Wanted>
  static const Wanted& expect(const Received& answer) {
    const auto* wanted = std::get_if<Wanted>(&answer.message);
    if (!wanted) throw ProtocolError("the worker's answer does not fit what it was asked");
    return *wanted;
  }

  // Whoever asked hears why nobody is there; whether somebody is when it asks again depends on the fault.
  [[noreturn]] void reload_again() {
    try {
      std::rethrow_exception(std::exchange(reload_fault, {}));
    } catch (const std::exception& error) {
      if (is_infrastructure_fault(error))
        reload();
      else
        reload_fault = std::current_exception();
      throw;
    }
  }

  void reload() {
    worker.reset();
    try {
      load(*loaded);
    } catch (const std::exception&) {
      reload_fault = std::current_exception();
    }
  }

  void end() {
    if (worker) worker->end(options.limits.end_s);
    worker.reset();
  }
};

ProcessExecutor::ProcessExecutor(ProcessExecutorOptions options) : impl_(std::make_unique<Impl>()) { impl_->options = std::move(options); }
ProcessExecutor::~ProcessExecutor() { impl_->end(); }

LoadReport ProcessExecutor::load(const LoadRequest& request) {
  unload();  // before the next one: two sets of weights need not fit
  LoadReport report = impl_->load(request);
  impl_->loaded = request;
  return report;
}

GenerationResult ProcessExecutor::generate(const GenerationRequest& request, const Progress& progress) {
  Received answer = impl_->ask<Generated>(Generate{.request = request}, "generating", progress);
  GenerationResult result = std::move(std::get<Generated>(answer.message).result);
  read_memory_file(answer.file, result);
  return result;
}

TimedSteps ProcessExecutor::time_steps(const GenerationRequest& request, std::int64_t steps_an_expert, const Progress& progress) {
  Received answer = impl_->ask<StepsTimed>(TimeSteps{.request = request, .steps_an_expert = steps_an_expert}, "timing steps", progress);
  return std::move(std::get<StepsTimed>(answer.message).result);
}

ReplayResult ProcessExecutor::replay(const GenerationRequest& request, const std::string& trajectory_file, const Progress& progress) {
  Received answer = impl_->ask<Replayed>(Replay{.request = request, .trajectory_file = trajectory_file}, "replaying", progress);
  return std::move(std::get<Replayed>(answer.message).result);
}

void ProcessExecutor::unload() {
  impl_->end();
  impl_->loaded.reset();
  impl_->reload_fault = {};
}

void ProcessExecutor::set_limits(const WorkerLimits& limits) { impl_->options.limits = limits; }
pid_t ProcessExecutor::worker_pid() const { return impl_->worker ? impl_->worker->pid() : -1; }

std::unique_ptr<ProcessExecutor> make_process_executor(ProcessExecutorOptions options) {
  return std::make_unique<ProcessExecutor>(std::move(options));
}

}  // namespace wan::run
