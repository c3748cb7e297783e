#include "harness/run/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <future>
#include <system_error>
#include <thread>
#include <utility>

#include "engine/base/log.h"
#include "harness/run/log_tail.h"

extern char** environ;

namespace wan::run {
namespace {

constexpr double kKillPatience_s = 60;

void check(int code, const char* call) {
  if (code != 0) throw std::system_error(code, std::generic_category(), call);
}

// What posix_spawn does between fork and exec.
class SpawnPlan {
 public:
  SpawnPlan(int channel, int log) {
    check(posix_spawn_file_actions_init(&actions_), "posix_spawn_file_actions_init");
    check(posix_spawnattr_init(&attributes_), "posix_spawnattr_init");
    check(posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0), "posix_spawn: stdin");
    check(posix_spawn_file_actions_adddup2(&actions_, log, STDOUT_FILENO), "posix_spawn: stdout");  // ours is for results
    check(posix_spawn_file_actions_adddup2(&actions_, log, STDERR_FILENO), "posix_spawn: stderr");
    check(posix_spawn_file_actions_adddup2(&actions_, channel, kChildChannel), "posix_spawn: channel");
    check(posix_spawn_file_actions_addclosefrom_np(&actions_, kChildChannel + 1), "posix_spawn: close");
    // A key press reaches the whole group: blocked until the child ignores them, or it could die between start and that line.
    sigset_t blocked, all;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGINT);
    sigaddset(&blocked, SIGTERM);
    sigfillset(&all);
    check(posix_spawnattr_setsigmask(&attributes_, &blocked), "posix_spawn: mask");
    check(posix_spawnattr_setsigdefault(&attributes_, &all), "posix_spawn: signals");
    check(posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF), "posix_spawn: flags");
  }
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;  // C objects with addresses of their own

  pid_t run(const std::string& program, std::vector<std::string> arguments) {
    std::vector<char*> argv;
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    pid_t pid = -1;
    check(::posix_spawn(&pid, program.c_str(), &actions_, &attributes_, argv.data(), environ), program.c_str());
    return pid;
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

}  // namespace

// The thread that starts the child, then reads what it says until it has ended. It starts it because the kernel takes "the parent died" to
// mean the thread that started it.
struct ChildProcess::Log {
  UniqueFd pipe, ended;
  bool forward = false;
  LogTail tail = {};
  std::thread thread = {};

  void read_until_end() {
    std::array<pollfd, 2> sources{
        {{.fd = pipe.get(), .events = POLLIN, .revents = 0}, {.fd = ended.get(), .events = POLLIN, .revents = 0}}};
    while (sources[1].revents == 0) {
      if (::poll(sources.data(), sources.size(), -1) < 0) continue;
      if (sources[0].revents != 0 && !read_some()) sources[0].fd = -1;  // closed; the child may go on without
    }
    while (sources[0].fd >= 0 && read_some()) {
    }
  }

  void stop() {
    const std::uint64_t one = 1;
    while (::write(ended.get(), &one, sizeof(one)) < 0 && errno == EINTR) {
    }
    thread.join();
  }

  // False if there is nothing more now, or ever.
  bool read_some() {
    std::array<char, 4096> buffer;
    const ssize_t count = ::read(pipe.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) return true;
    if (count <= 0) return false;
    tail.add({buffer.data(), static_cast<std::size_t>(count)});
    if (forward && ::write(STDERR_FILENO, buffer.data(), static_cast<std::size_t>(count)) < 0) forward = false;
    return true;
  }
};

ChildProcess::ChildProcess(ChildStart start) : log_(std::make_unique<Log>()) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw_system_error("pipe2");
  UniqueFd reader(ends[0]), writer(ends[1]);
  log_->pipe = std::move(reader);
  writer = above_standard(std::move(writer));
  if (::fcntl(log_->pipe.get(), F_SETFL, O_NONBLOCK) != 0) throw_system_error("fcntl");
  log_->ended = UniqueFd(::eventfd(0, EFD_CLOEXEC));
  if (!log_->ended) throw_system_error("eventfd");
  log_->forward = start.forward_log;
  std::promise<pid_t> started;
  auto pid = started.get_future();
  log_->thread = std::thread([log = log_.get(), &start, &writer, started = std::move(started)]() mutable {
    try {
      const pid_t child = SpawnPlan(start.channel.get(), writer.get()).run(start.program, start.arguments);
      writer.reset();
      start.channel.reset();
      started.set_value(child);  // after this line the constructor's variables are gone
    } catch (...) {
      started.set_exception(std::current_exception());
      return;
    }
    log->read_until_end();
  });
  try {
    pid_ = pid.get();
  } catch (...) {
    log_->thread.join();
    throw;
  }
}

ChildProcess::~ChildProcess() {
  kill();
  if (!status_) log_->stop();
}

void ChildProcess::kill() {
  if (status_) return;
  ::kill(pid_, SIGKILL);
  if (!wait(kKillPatience_s)) log::warn("process {} was killed {:g} s ago and does not end: its driver may hang", pid_, kKillPatience_s);
}

std::optional<int> ChildProcess::wait(double timeout_s) {
  const auto start = std::chrono::steady_clock::now();
  auto pause = std::chrono::microseconds(100);
  while (!status_) {
    int status = 0;
    const pid_t ended = ::waitpid(pid_, &status, WNOHANG);
    if (ended == pid_ || (ended < 0 && errno != EINTR)) {
      status_ = ended == pid_ ? status : 0;
      log_->stop();
      break;
    }
    if (std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() >= timeout_s) return std::nullopt;
    std::this_thread::sleep_for(pause);
    pause = std::min(2 * pause, std::chrono::microseconds(20000));
  }
  return status_;
}

std::vector<std::string> ChildProcess::log_tail() const { return log_->tail.lines(); }

}  // namespace wan::run
