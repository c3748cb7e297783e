#include "tests/support/harness/sitting.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "harness/run/process_executor.h"
#include "harness/run/runner.h"
#include "harness/store/result_store.h"
#include "tests/support/harness/temporary_folder.h"
#include "tests/support/harness/wall_clock.h"

namespace wan::testing {
namespace {

using Kind = Disturbance::Kind;

constexpr int kFullDisk = 3, kBroken = 4;
constexpr double kHang_s = 0.3;  // until a worker that hangs is killed

// Everything that the sitting's process shares among its executors.
class Chaos {
 public:
  Chaos(const Sitting& sitting, SittingNotes& notes) : sitting_(sitting), notes_(notes), left_(sitting.disturbances) {}

  void moment() {
    const std::size_t now = notes_.moments++;
    while (auto due = take(now, [](Kind kind) { return !is_of_a_worker(kind); })) disturb(*due);
  }
  // The worker's disturbance that is due for a request or a load.
  std::optional<Disturbance> take_for_request() {
    return take(notes_.moments, [](Kind kind) { return is_of_a_worker(kind) && kind != Kind::kill_loading_worker; });
  }
  bool dies_loading() {
    return take(notes_.moments, [](Kind kind) { return kind == Kind::kill_loading_worker; }).has_value();
  }
  double now_s() {
    moment();
    return sitting_.clock_s + passed_s_;
  }
  void pass(double seconds) { passed_s_ += seconds; }
  void note_clip(bool optimized, const GenerationRequest& request);
  const Sitting& sitting() const { return sitting_; }

 private:
  std::optional<Disturbance> take(std::size_t now, bool (*wanted)(Kind)) {
    const auto found = std::find_if(left_.begin(), left_.end(), [&](const auto& one) { return one.moment <= now && wanted(one.kind); });
    if (found == left_.end()) return std::nullopt;
    const Disturbance taken = *found;
    left_.erase(found);
    ++notes_.happened.at(static_cast<std::size_t>(taken.kind));
    return taken;
  }
  void disturb(const Disturbance& disturbance) {
    if (disturbance.kind == Kind::kill_harness) ::raise(SIGKILL);
    // The limit's signal kills in the midst of a write, after the bytes that still fitted went out.
    if (disturbance.kind == Kind::kill_while_writing) {
      const rlimit bytes{.rlim_cur = disturbance.bytes, .rlim_max = RLIM_INFINITY};
      std::signal(SIGXFSZ, SIG_DFL);
      ::setrlimit(RLIMIT_FSIZE, &bytes);
    }
    if (disturbance.kind == Kind::full_disk) full_disk_ = std::make_unique<FullDisk>(disturbance.bytes);
  }

  const Sitting& sitting_;
  SittingNotes& notes_;
  std::vector<Disturbance> left_;
  double passed_s_ = 0;
  std::unique_ptr<FullDisk> full_disk_ = {};
};

void Chaos::note_clip(bool optimized, const GenerationRequest& request) {
  for (std::size_t i = 0; i < sitting_.plan.cells.size(); ++i) {
    const plan::PlannedCell& cell = sitting_.plan.cells[i];
    const bool is_optimized = !sitting_.plan.configurations[cell.configuration].configuration.optimizations.empty();
    if (is_optimized == optimized && sitting_.plan.prompts[cell.prompt].text == request.prompt) notes_.given.at(i) = true;
  }
}

// Whole 1024ths of a second, so that sums and differences are exact wherever the clock began.
double duration_s(bool optimized, const std::string& prompt) {
  std::uint64_t hash = optimized ? 7 : 3;
  for (const char letter : prompt) hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3ULL;
  return (optimized ? 0.5 : 1.0) + static_cast<double>((hash >> 32) % 32) / 1024;
}

class DisturbedExecutor final : public run::Executor {
 public:
  explicit DisturbedExecutor(Chaos& chaos) : chaos_(chaos) {
    run::ProcessExecutorOptions options{.program = chaos.sitting().worker_program, .worker_arguments = {"--null"}, .limits = {}};
    if (chaos_.dies_loading()) options.worker_arguments.push_back("--fault=kill@0");
    worker_ = run::make_process_executor(std::move(options));
  }
  LoadReport load(const LoadRequest& request) override {
    chaos_.moment();
    optimized_ = !request.optimizations.empty();
    LoadReport report = worker_->load(request);
    chaos_.pass(1);
    chaos_.moment();
    return report;
  }
  GenerationResult generate(const GenerationRequest& request, const Progress& progress) override {
    GenerationResult result = ask([&](const Progress& watched) { return worker_->generate(request, watched); }, progress);
    chaos_.pass(duration_s(optimized_, request.prompt));
    if (request.steps == chaos_.sitting().plan.shape.steps && request.trajectory_file.empty()) chaos_.note_clip(optimized_, request);
    chaos_.moment();
    return result;
  }
  TimedSteps time_steps(const GenerationRequest& request, std::int64_t steps_an_expert, const Progress& progress) override {
    TimedSteps result = ask([&](const Progress& watched) { return worker_->time_steps(request, steps_an_expert, watched); }, progress);
    for (double& step_s : result.stages.step_s) {
      step_s = duration_s(optimized_, request.prompt) / 16;
      chaos_.pass(step_s);
    }
    chaos_.moment();
    return result;
  }
  ReplayResult replay(const GenerationRequest& request, const std::string& trajectory_file, const Progress& progress) override {
    return ask([&](const Progress& watched) { return worker_->replay(request, trajectory_file, watched); }, progress);
  }
  void unload() override { worker_->unload(); }
  bool outlives_faults() const override { return worker_->outlives_faults(); }

 private:
  template <typename Call>
  std::invoke_result_t<Call, const Progress&> ask(Call call, const Progress& progress) {
    chaos_.moment();
    const auto disturbance = chaos_.take_for_request();
    if (disturbance && disturbance->kind != Kind::kill_busy_worker) {
      if (disturbance->kind == Kind::hang_worker) worker_->set_limits({.request_s = kHang_s});
      ::kill(worker_->worker_pid(), disturbance->kind == Kind::hang_worker ? SIGSTOP : SIGKILL);
    }
    const pid_t busy = disturbance && disturbance->kind == Kind::kill_busy_worker ? worker_->worker_pid() : -1;
    try {
      auto result = call([&](std::int64_t done, std::int64_t total) {
        if (busy > 0) ::kill(busy, SIGKILL);  // its answer may be on its way already: then the next request finds it dead
        chaos_.moment();
        return !progress || progress(done, total);
      });
      worker_->set_limits({});
      return result;
    } catch (...) {
      worker_->set_limits({});
      chaos_.pass(0.75);  // lost with the worker
      throw;
    }
  }

  Chaos& chaos_;
  std::unique_ptr<run::ProcessExecutor> worker_;
  bool optimized_ = false;
};

int run_to_the_end(const Sitting& sitting, SittingNotes& notes) {
  Chaos chaos(sitting, notes);
  set_wall_clock_ahead(sitting.wall_clock_ahead_s);
  try {
    const store::RunRecord planned = run::make_record(sitting.plan, sitting.schedule, sitting.request);
    chaos.moment();
    auto resumed = store::RunFolder::resume(sitting.root, {.plan_hash = planned.plan_hash});
    store::RunFolder folder = resumed ? std::move(*resumed) : store::RunFolder::create(sitting.root, planned, "chaos");
    run::Reporter reporter({.write = [&](const std::string&) { chaos.moment(); }}, run::Eta{}, sitting.plan.cells.size());
    const run::RunOutcome outcome = run::Runner({.plan = sitting.plan,
                                                 .schedule = sitting.schedule,
                                                 .request = sitting.request,
                                                 .make_executor = [&] { return std::make_unique<DisturbedExecutor>(chaos); },
                                                 .residents = {.most = 2},
                                                 .folder = folder,
                                                 .reporter = reporter,
                                                 .now_s = [&] { return chaos.now_s(); }})
                                        .run();
    return outcome.end == run::RunEnd::finished ? 0 : kBroken;
  } catch (const store::StorageError& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return kFullDisk;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return kBroken;
  }
}

}  // namespace

const char* to_string(Kind kind) {
  switch (kind) {
    case Kind::kill_harness:
      return "kill_harness";
    case Kind::kill_while_writing:
      return "kill_while_writing";
    case Kind::full_disk:
      return "full_disk";
    case Kind::kill_worker:
      return "kill_worker";
    case Kind::kill_busy_worker:
      return "kill_busy_worker";
    case Kind::hang_worker:
      return "hang_worker";
    case Kind::kill_loading_worker:
      return "kill_loading_worker";
  }
  return "?";
}

bool is_of_a_worker(Kind kind) { return kind >= Kind::kill_worker; }

SittingEnd sit(const Sitting& sitting, SittingNotes& shared) {
  shared = {};
  const std::string said = sitting.root.string() + ".log";
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("fork");
  if (child == 0) {
    const rlimit no_core{};
    ::setrlimit(RLIMIT_CORE, &no_core);
    const int log = ::open(said.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    ::dup2(log, STDERR_FILENO);
    std::_Exit(run_to_the_end(sitting, shared));
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) return WTERMSIG(status) == SIGKILL || WTERMSIG(status) == SIGXFSZ ? SittingEnd::killed : SittingEnd::broken;
  switch (WEXITSTATUS(status)) {
    case 0:
      return SittingEnd::finished;
    case kFullDisk:
      return SittingEnd::full_disk;
    default:
      return SittingEnd::broken;
  }
}

}  // namespace wan::testing
