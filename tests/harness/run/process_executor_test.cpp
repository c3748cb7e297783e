// Real worker processes: of the null model for every way to go wrong, of the engine for the one clip that must be the same.
#include "harness/run/process_executor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <functional>
#include <iterator>
#include <new>
#include <thread>

#include "engine/base/build_info.h"
#include "engine/base/error.h"
#include "harness/run/channel.h"
#include "harness/run/child_process.h"
#include "harness/run/failure.h"
#include "harness/run/worker_lost.h"
#include "tests/support/harness/temporary_folder.h"

namespace wan::run {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using Cause = WorkerLost::Cause;

const std::string kProgram = std::string(WAN_BINARY_DIR) + "/bin/wan-eval";
constexpr double kLongEnough_s = 60;  // for anything that does come, on a machine however busy

std::unique_ptr<ProcessExecutor> null_worker(const std::string& fault = {}, WorkerLimits limits = {}) {
  ProcessExecutorOptions options{.program = kProgram, .worker_arguments = {"--null"}, .limits = limits, .forward_log = false};
  if (!fault.empty()) options.worker_arguments.push_back("--fault=" + fault);
  return make_process_executor(std::move(options));
}

GenerationRequest small_clip() { return {.prompt = "a cat", .width = 16, .height = 8, .frames = 5, .steps = 2}; }

bool eventually(const std::function<bool()>& holds) {
  const auto start = std::chrono::steady_clock::now();
  while (!holds()) {
    if (std::chrono::steady_clock::now() - start > std::chrono::duration<double>(kLongEnough_s)) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

// Gone, or a zombie that somebody else has to collect.
bool is_dead(pid_t pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string number, name, state;
  return !(stat >> number >> name >> state) || state == "Z" || state == "X";
}

std::size_t open_files() {
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator("/proc/self/fd"), std::filesystem::directory_iterator{}));
}

struct Loss {
  Cause cause;
  std::string text, described;
  std::vector<std::string> log;
  bool infrastructure;
};

// Of the first request; the load must succeed.
Loss lose(ProcessExecutor& executor) {
  executor.load({});
  try {
    executor.generate(small_clip(), {});
  } catch (const WorkerLost& lost) {
    return {.cause = lost.cause(),
            .text = lost.what(),
            .described = describe_failure(lost),
            .log = lost.log_tail(),
            .infrastructure = is_infrastructure_fault(lost)};
  }
  throw std::runtime_error("nothing was lost");
}

TEST(ProcessExecutor, MakesClipsAndReportsSteps) {
  const auto executor = null_worker();
  EXPECT_EQ(executor->load({}).weights_hash, "null");
  std::vector<std::int64_t> steps;
  const GenerationResult result = executor->generate(small_clip(), [&](std::int64_t done, std::int64_t) {
    steps.push_back(done);
    return true;
  });
  EXPECT_EQ(result.clip.rgb.size(), 5U * 8 * 16 * 3);
  EXPECT_EQ(steps, std::vector<std::int64_t>{1});
  const testing::TemporaryFolder folder;
  GenerationRequest kept = small_clip();
  kept.trajectory_file = folder.path() / "trajectory";
  EXPECT_EQ(executor->generate(kept, {}).clip.rgb, result.clip.rgb);
  EXPECT_EQ(executor->replay(small_clip(), kept.trajectory_file, {}).steps.size(), 2U);
}

TEST(ProcessExecutor, TheNullModelsClipsDependOnPromptSeedAndOptimizationsAlone) {
  const auto make = [](const LoadRequest& load, const GenerationRequest& request) {
    const auto executor = null_worker();
    executor->load(load);
    return executor->generate(request, {}).clip.content_hash();
  };
  GenerationRequest other_prompt = small_clip(), other_seed = small_clip();
  other_prompt.prompt = "a dog";
  other_seed.seed = 1;
  const std::string cat = make({}, small_clip());
  EXPECT_EQ(make({}, small_clip()), cat);
  for (const std::string& other :
       {make({}, other_prompt), make({}, other_seed), make({.checkpoint_dir = {}, .optimizations = {{.id = "fp8"}}}, small_clip())})
    EXPECT_NE(other, cat);
}

TEST(ProcessExecutor, UnloadEndsTheWorker) {
  const auto executor = null_worker();
  EXPECT_EQ(executor->worker_pid(), -1);
  executor->load({});
  const pid_t first = executor->worker_pid();
  executor->load({});
  EXPECT_NE(executor->worker_pid(), first);
  EXPECT_EQ(::kill(first, 0), -1) << "collected, so no zombie";
  executor->unload();
  EXPECT_EQ(executor->worker_pid(), -1);
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "no child is left";
  EXPECT_THROW(executor->generate(small_clip(), {}), CheckError);
}

TEST(ProcessExecutor, TellsHowAWorkerWasLost) {
  struct Case {
    const char* fault;
    Cause cause;
    const char *text, *described;
  };
  for (const Case& expected :
       {Case{"segfault@1", Cause::signal, "killed by signal 11 (SIGSEGV) while generating", "crash: the worker was killed by signal 11"},
        Case{"abort@1", Cause::signal, "killed by signal 6 (SIGABRT)", "crash: "},
        Case{"exit@1", Cause::exit, "ended with exit status 7 while generating", "crash: the worker ended"},
        Case{"bad_alloc_in_thread@1", Cause::out_of_memory, "out of memory", "oom: out of memory"}}) {
    const auto executor = null_worker(expected.fault);
    const Loss loss = lose(*executor);
    EXPECT_EQ(loss.cause, expected.cause) << loss.text;
    EXPECT_THAT(loss.text, HasSubstr(expected.text));
    EXPECT_THAT(loss.described, StartsWith(expected.described));
    EXPECT_EQ(loss.described.find('\n'), std::string::npos);
    EXPECT_TRUE(loss.infrastructure);
    ASSERT_FALSE(loss.log.empty());
    EXPECT_LE(loss.log.size(), 20U);
    EXPECT_THAT(loss.text, HasSubstr("line 30")) << "the end of its log";
    EXPECT_EQ(loss.text.find("line 1\n"), std::string::npos) << "but not all of it";
  }
}

// Either somebody's kill, or the kernel's if it killed anything meanwhile.
TEST(ProcessExecutor, NoticesAKill) {
  const Loss loss = lose(*null_worker("kill@1"));
  EXPECT_TRUE(loss.cause == Cause::signal || loss.cause == Cause::out_of_memory) << loss.text;
}

TEST(ProcessExecutor, KillsAWorkerThatHangs) {
  const Loss busy = lose(*null_worker("hang@1", {.request_s = 1.5}));
  EXPECT_EQ(busy.cause, Cause::hang);
  EXPECT_THAT(busy.described, StartsWith("crash: the worker hung: generating was not done after 1.5 s"));
  const Loss silent = lose(*null_worker("stop@1", {.silence_s = 3}));
  EXPECT_EQ(silent.cause, Cause::hang);
  EXPECT_THAT(silent.text, HasSubstr("no sign of life for 3 s"));
}

TEST(ProcessExecutor, ABusyWorkerGivesSignsOfLife) {
  const auto executor = null_worker("hang@1", {.request_s = 5, .silence_s = 3});
  EXPECT_THAT(lose(*executor).text, HasSubstr("not done after 5 s"));
}

TEST(ProcessExecutor, LoadIsWatchedToo) {
  const auto executor = null_worker("segfault@0");
  EXPECT_THROW(executor->load({}), WorkerLost);
  EXPECT_EQ(executor->worker_pid(), -1);
  const auto refusing = null_worker("usage@0");
  EXPECT_THROW(refusing->load({}), UsageError);
  EXPECT_EQ(refusing->worker_pid(), -1);
}

TEST(ProcessExecutor, IsReadyAgainAfterALoss) {
  const auto executor = null_worker("segfault@2");
  executor->load({});
  executor->generate(small_clip(), {});
  EXPECT_THROW(executor->generate(small_clip(), {}), WorkerLost);
  EXPECT_EQ(executor->generate(small_clip(), {}).clip.frames, 5) << "in a new worker, whose second request will fail";
  EXPECT_THROW(executor->replay(small_clip(), "/dev/null", {}), WorkerLost);
  EXPECT_NO_THROW(executor->replay(small_clip(), "/dev/null", {}));
}

// The worker that took a lost one's place dies before it is loaded, once: later requests find the next one.
TEST(ProcessExecutor, ALossWhileLoadingAnewIsNotForEver) {
  const testing::TemporaryFolder folder;
  const auto program = folder.path() / "second_start_fails";
  std::ofstream(program) << "#!/bin/sh\necho >>" << folder.path().string() << "/starts\n[ $(wc -l <" << folder.path().string()
                         << "/starts) != 2 ] || kill -9 $$\nexec " << kProgram << " \"$@\"\n";
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  const auto executor =
      make_process_executor({.program = program, .worker_arguments = {"--null", "--fault=segfault@1"}, .limits = {}, .forward_log = false});
  executor->load({});
  EXPECT_THROW(executor->generate(small_clip(), {}), WorkerLost) << "and with it what took its place";
  EXPECT_EQ(executor->worker_pid(), -1);
  EXPECT_THROW(executor->generate(small_clip(), {}), WorkerLost) << "which is told now";
  EXPECT_NE(executor->worker_pid(), -1);
}

TEST(ProcessExecutor, ErrorsKeepTypeAndText) {
  const auto caught = [](const std::string& fault) {
    const auto executor = null_worker(fault + "@1");
    executor->load({});
    try {
      executor->generate(small_clip(), {});
    } catch (const std::exception& error) {
      const char* type = dynamic_cast<const UsageError*>(&error)       ? "usage"
                         : dynamic_cast<const CheckError*>(&error)     ? "check"
                         : dynamic_cast<const FatalCudaError*>(&error) ? "fatal"
                         : dynamic_cast<const CudaError*>(&error)      ? "cuda"
                         : dynamic_cast<const std::bad_alloc*>(&error) ? "memory"
                                                                       : "other";
      const bool again = fault == "fatal_cuda" || executor->generate(small_clip(), {}).clip.frames == 5;
      return std::string(type) + "/" + describe_failure(error) + (is_infrastructure_fault(error) ? "/retry" : "") +
             (again ? "" : "/not usable");
    }
    return std::string("nothing");
  };
  EXPECT_EQ(caught("usage"), "usage/usage: the null model refuses");
  EXPECT_EQ(caught("check"), "check/crash: the null model checks");
  EXPECT_EQ(caught("cuda"), "cuda/crash: the null device fails");
  EXPECT_EQ(caught("fatal_cuda"), "fatal/crash: the null device is lost/retry");
  EXPECT_EQ(caught("bad_alloc"), "memory/oom: std::bad_alloc");
  EXPECT_EQ(caught("device_memory"), "other/oom: CUDA out of memory. Tried to allocate 2 GiB");
}

TEST(ProcessExecutor, CancelTravelsToTheWorker) {
  const auto executor = null_worker("steps@1");
  executor->load({});
  const pid_t pid = executor->worker_pid();
  EXPECT_THROW(executor->generate(small_clip(), [](std::int64_t done, std::int64_t) { return done < 5; }), Cancelled);
  EXPECT_EQ(executor->worker_pid(), pid);
  EXPECT_EQ(executor->generate(small_clip(), {}).clip.frames, 5) << "it goes on with the next request";
  EXPECT_THROW(executor->generate(small_clip(), [](auto, auto) { return false; }), Cancelled) << "though it comes too late for the worker";
  EXPECT_EQ(executor->generate(small_clip(), [](auto, auto) { return true; }).clip.frames, 5);
}

TEST(ProcessExecutor, SignalsOfATerminalAreTheHarnesss) {
  const auto executor = null_worker();
  executor->load({});
  ::kill(executor->worker_pid(), SIGINT);
  ::kill(executor->worker_pid(), SIGTERM);
  EXPECT_EQ(executor->generate(small_clip(), {}).clip.frames, 5);
}

TEST(ProcessExecutor, TwoWorkersAtOnceDoNotMeet) {
  const auto sound = null_worker(), broken = null_worker("segfault@10");
  sound->load({});
  broken->load({});
  std::thread beside([&] {
    for (int i = 0; i < 9; ++i) broken->generate(small_clip(), {});
    EXPECT_THROW(broken->generate(small_clip(), {}), WorkerLost);
  });
  for (int i = 0; i < 50; ++i) EXPECT_EQ(sound->generate(small_clip(), {}).clip.frames, 5);
  beside.join();
}

// Its starter is a thread that ends: the kernel's "parent died" must not mean that one.
TEST(ProcessExecutor, OutlivesTheThreadThatLoadedIt) {
  const auto executor = null_worker();
  std::thread([&] { executor->load({}); }).join();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(executor->generate(small_clip(), {}).clip.frames, 5);
}

TEST(ProcessExecutor, LeaksNoDescriptor) {
  const std::size_t before = open_files();
  {
    const auto executor = null_worker();
    executor->load({});
    executor->generate(small_clip(), {});
    const std::size_t loaded = open_files();
    for (int i = 0; i < 100; ++i) executor->generate(small_clip(), {});
    EXPECT_EQ(open_files(), loaded);
    executor->load({});
    EXPECT_EQ(open_files(), loaded);
    // What it inherited: three of its own, the channel, and what it opened itself.
    const std::filesystem::directory_iterator files("/proc/" + std::to_string(executor->worker_pid()) + "/fd"), end;
    EXPECT_LE(std::distance(files, end), 8);
  }
  EXPECT_EQ(open_files(), before);
  EXPECT_THROW(make_process_executor({.program = "no/such/program"})->load({}), std::system_error);
  EXPECT_EQ(open_files(), before);
}

// Kill -9 of the harness, here a child of ours, ends its worker, even one that hangs.
TEST(ProcessExecutor, WorkerEndsWithItsHarness) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t harness = ::fork();
  ASSERT_GE(harness, 0);
  if (harness == 0) {
    const auto executor = null_worker("hang@1");
    executor->load({});
    const pid_t worker = executor->worker_pid();
    if (::write(ends[1], &worker, sizeof(worker)) != sizeof(worker)) std::_Exit(1);
    executor->generate(small_clip(), {});
    std::_Exit(1);
  }
  pid_t worker = -1;
  ASSERT_EQ(::read(ends[0], &worker, sizeof(worker)), static_cast<ssize_t>(sizeof(worker)));
  EXPECT_FALSE(is_dead(worker));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  ::kill(harness, SIGKILL);
  ::waitpid(harness, nullptr, 0);
  EXPECT_TRUE(eventually([&] { return is_dead(worker); }));
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(ProcessExecutor, AnotherBuildIsRefused) {
  auto ends = make_socket_pair();
  ChildProcess child({.program = kProgram,
                      .arguments = {"wan-eval", "worker", "--channel", std::to_string(kChildChannel), "--null"},
                      .channel = std::move(ends.second),
                      .forward_log = false});
  Channel channel(std::move(ends.first));
  channel.send(Hello{.build = "another"});
  const auto answer = channel.receive(kLongEnough_s);
  ASSERT_TRUE(answer.has_value());
  EXPECT_THAT(std::get<Failed>(answer->message).text, HasSubstr("build another"));
  channel.send(Hello{.build = build_id()});
  EXPECT_EQ(std::get<Hello>(channel.receive(kLongEnough_s)->message).build, build_id());
  channel.send(Beat{});
  EXPECT_EQ(std::get<Failed>(channel.receive(kLongEnough_s)->message).kind, FailedKind::check) << "no request";
}

TEST(ProcessExecutor, TheEnginesClipIsTheSame) {
  const LoadRequest load{.checkpoint_dir = std::string(WAN_BINARY_DIR) + "/share/wan-eval/models/wan-tiny", .threads = 1};
  const GenerationRequest request{
      .prompt = "A cat sitting on a chair", .width = 64, .height = 48, .frames = 5, .steps = 4, .seed = 42, .keep_latents = true};
  const auto here = make_in_process_executor();
  const auto there = make_process_executor({.program = kProgram});
  EXPECT_EQ(there->load(load).weights_hash, here->load(load).weights_hash);
  std::vector<std::int64_t> steps;
  const GenerationResult theirs = there->generate(request, [&](std::int64_t done, std::int64_t total) {
    steps.push_back(done);
    return total == 4;
  });
  const GenerationResult ours = here->generate(request, {});
  EXPECT_EQ(theirs.clip.content_hash(), ours.clip.content_hash());
  EXPECT_EQ(theirs.clip.rgb, ours.clip.rgb);
  EXPECT_EQ(theirs.latents.shape, ours.latents.shape);
  EXPECT_EQ(theirs.latents.values, ours.latents.values);
  EXPECT_EQ(theirs.transformer_forwards, ours.transformer_forwards);
  EXPECT_EQ(theirs.stages.step_s.size(), 4U);
  EXPECT_EQ(steps.size(), 4U);
  const TimedSteps timed = there->time_steps(request, 1, {}), timed_here = here->time_steps(request, 1, {});
  EXPECT_EQ(timed.latents_hash, timed_here.latents_hash);
  EXPECT_EQ(timed.stages.step_s.size(), 2U);
  EXPECT_EQ(timed.stages.stages.size(), 2U) << "nothing was decoded";
  EXPECT_EQ(timed.transformer_forwards, 4);
}

}  // namespace
}  // namespace wan::run
