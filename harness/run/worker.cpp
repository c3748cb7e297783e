#include "harness/run/worker.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "engine/base/build_info.h"
#include "engine/base/error.h"
#include "engine/base/log.h"
#include "harness/run/channel.h"
#include "harness/run/failed.h"
#include "harness/run/memory_file.h"

namespace wan::run {
namespace {

constexpr double kBeat_s = 1;

void follow_the_harness() {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // the end of the channel says it too, but not to a worker that is stopped
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM}) {
    std::signal(signal, SIG_IGN);
    sigaddset(&signals, signal);
  }
  ::pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  // If memory runs out the kernel shall take the worker, whose loss is a record.
  const UniqueFd score(::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC));
  if (score && ::write(score.get(), "500", 3) < 0) return;  // a wish
}

class Worker {
 public:
  Worker(int channel, Executor& engine) : channel_(UniqueFd(channel)), engine_(engine) {}

  [[noreturn]] void serve() {
    std::thread([this] { listen(); }).detach();  // lives as long as the process
    for (;;) {
      const Message request = next_request();
      try {
        std::visit([this](const auto& one) { answer(one); }, request);
      } catch (const ChannelClosed&) {
        std::_Exit(EXIT_SUCCESS);
      } catch (...) {
        reply(to_failed(std::current_exception()));
      }
    }
  }

 private:
  // Puts requests in line and shows that the process is alive while one is worked at.
  void listen() {
    try {
      for (;;) {
        auto received = channel_.receive(kBeat_s);
        if (!received) {
          if (busy_) channel_.send(Beat{});
        } else if (const auto* cancel = std::get_if<Cancel>(&received->message)) {
          cancelled_ = cancel->id;
        } else {
          const std::lock_guard lock(mutex_);
          busy_ = true;
          requests_.push_back(std::move(received->message));
          arrived_.notify_one();
        }
      }
    } catch (const ChannelClosed&) {
      std::_Exit(EXIT_SUCCESS);
    } catch (const std::exception& error) {
      log::error("the worker ends: {}", error.what());
      std::_Exit(EXIT_FAILURE);
    }
  }

  Message next_request() {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [this] { return !requests_.empty(); });
    Message request = std::move(requests_.front());
    requests_.pop_front();
    return request;
  }

  void reply(const Message& message, int file = -1) {
    busy_ = false;
    try {
      channel_.send(message, file);
    } catch (const ChannelClosed&) {
      std::_Exit(EXIT_SUCCESS);
    }
  }

  Progress progress(std::uint64_t id) {
    return [this, id](std::int64_t done, std::int64_t total) {
      channel_.send(StepDone{.done = done, .total = total});
      return cancelled_ != id;
    };
  }

  void answer(const Hello& theirs) {
    const Hello ours{.build = build_id()};
    const std::string fault = why_not(theirs, ours);
    if (!fault.empty()) throw UsageError(fault);
    reply(ours);
  }
  void answer(const Load& load) { reply(Loaded{.report = engine_.load(load.request)}); }
  void answer(const Generate& generate) {
    Generated generated{.result = engine_.generate(generate.request, progress(generate.id))};
    const UniqueFd file = write_memory_file(generated.result);
    generated.result.clip.rgb.clear();
    generated.result.latents.values.clear();
    reply(generated, file.get());
  }
  void answer(const TimeSteps& wanted) {
    reply(StepsTimed{.result = engine_.time_steps(wanted.request, wanted.steps_an_expert, progress(wanted.id))});
  }
  void answer(const Replay& replay) {
    reply(Replayed{.result = engine_.replay(replay.request, replay.trajectory_file, progress(replay.id))});
  }
  template <typename Other>
  void answer(const Other&) {
    throw CheckError("a worker is asked to load, to generate, to time steps or to replay, and nothing else");
  }

  Channel channel_;
  Executor& engine_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Message> requests_ = {};
  std::atomic<bool> busy_ = false;
  std::atomic<std::uint64_t> cancelled_ = 0;
};

}  // namespace

void run_worker(int channel, Executor& engine) {
  follow_the_harness();
  ::fcntl(channel, F_SETFD, FD_CLOEXEC);
  Worker(channel, engine).serve();
}

}  // namespace wan::run
