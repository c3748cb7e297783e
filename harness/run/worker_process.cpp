#include "harness/run/worker_process.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <utility>

#include "engine/base/build_info.h"
#include "engine/base/error.h"
#include "harness/run/failed.h"
#include "harness/run/failure.h"

namespace wan::run {
namespace {

using Clock = std::chrono::steady_clock;
using Cause = WorkerLost::Cause;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// Processes that the kernel has killed for want of memory since the machine started; 0 where it does not tell.
std::int64_t oom_kills() {
  std::ifstream counters("/proc/vmstat");
  std::string name;
  for (std::int64_t count = 0; counters >> name >> count;)
    if (name == "oom_kill") return count;
  return 0;
}

std::vector<std::string> arguments_of(const ProcessExecutorOptions& options) {
  std::vector<std::string> arguments{"wan-eval", "worker", "--channel", std::to_string(kChildChannel)};
  arguments.insert(arguments.end(), options.worker_arguments.begin(), options.worker_arguments.end());
  return arguments;
}

std::string signal_name(int signal) {
  const char* name = ::sigabbrev_np(signal);
  return name ? fmt::format("signal {} (SIG{})", signal, name) : fmt::format("signal {}", signal);
}

bool any_tells_of_memory(const std::vector<std::string>& lines) {
  return std::any_of(lines.begin(), lines.end(),
                     [](const std::string& line) { return tells_of_memory(line) || line.find("std::bad_alloc") != std::string::npos; });
}

}  // namespace

WorkerProcess::WorkerProcess(const ProcessExecutorOptions& options) : WorkerProcess(options, make_socket_pair()) {
  const Hello ours{.build = build_id()};
  const Received answer = ask({.message = ours, .name = "starting", .limit_s = options.limits.start_s}, options.limits);
  const auto* theirs = std::get_if<Hello>(&answer.message);
  const std::string fault = theirs ? why_not(ours, *theirs) : "the worker does not greet";
  if (!fault.empty()) throw UsageError(fault);
}

WorkerProcess::WorkerProcess(const ProcessExecutorOptions& options, std::pair<UniqueFd, UniqueFd> ends)
    : channel_(std::move(ends.first)),
      child_({.program = options.program,
              .arguments = arguments_of(options),
              .channel = std::move(ends.second),
              .forward_log = options.forward_log}) {}

// Whether the worker is gone is learnt by listening: what it said before can still be read.
void WorkerProcess::tell(const Message& message) {
  try {
    channel_.send(message);
  } catch (const ChannelClosed&) {
  }
}

Received WorkerProcess::ask(const Request& request, const WorkerLimits& limits) {
  oom_kills_before_ = oom_kills();
  bool cancelled = false;
  try {
    tell(request.message);
    return hear(request, limits, cancelled);
  } catch (const ChannelClosed&) {
    if (!cancelled) lose_ended(request.name, limits.end_s);
  } catch (const ProtocolError& error) {
    child_.kill();
    throw WorkerLost(Cause::protocol,
                     fmt::format("the worker was killed while {}: it cannot be understood, {}", request.name, error.what()),
                     child_.log_tail());
  }
  child_.kill();
  throw Cancelled{};
}

Received WorkerProcess::hear(const Request& request, const WorkerLimits& limits, bool& cancelled) {
  const auto asked = Clock::now();
  auto heard = asked, cancelled_at = asked;
  for (;;) {
    const double left_s = cancelled ? limits.cancel_s - seconds_since(cancelled_at) : request.limit_s - seconds_since(asked);
    const double silence_left_s = limits.silence_s - seconds_since(heard);
    if (cancelled && std::min(left_s, silence_left_s) <= 0) throw ChannelClosed("no more patience");
    if (left_s <= 0)
      lose_hung(fmt::format("the worker hung: {} was not done after {:g} s, and it was killed", request.name, request.limit_s));
    if (silence_left_s <= 0)
      lose_hung(fmt::format("the worker hung: no sign of life for {:g} s while {}, and it was killed", limits.silence_s, request.name));
    auto received = channel_.receive(std::min(left_s, silence_left_s));
    if (!received) continue;
    heard = Clock::now();
    if (std::holds_alternative<Beat>(received->message)) continue;
    if (const auto* step = std::get_if<StepDone>(&received->message)) {
      if (cancelled || !request.progress || request.progress(step->done, step->total)) continue;
      cancelled = true;
      cancelled_at = heard;
      tell(Cancel{.id = request.id});
      continue;
    }
    if (cancelled) throw Cancelled{};  // even if it came too late for the worker
    if (const auto* failed = std::get_if<Failed>(&received->message)) rethrow(*failed);
    return std::move(*received);
  }
}

void WorkerProcess::end(double patience_s) {
  channel_.close();
  child_.wait(patience_s);  // its destructor kills what is left
}

void WorkerProcess::lose_hung(const std::string& sentence) {
  child_.kill();
  throw WorkerLost(Cause::hang, sentence, child_.log_tail());
}

void WorkerProcess::lose_ended(const char* doing, double patience_s) {
  const auto status = child_.wait(patience_s);  // the kernel may still write a core file
  if (!status) lose_hung(fmt::format("the worker hung: it closed its channel while {} but did not end, and was killed", doing));
  const auto log = child_.log_tail();
  if (!WIFSIGNALED(*status))
    throw WorkerLost(Cause::exit, fmt::format("the worker ended with exit status {} while {}", WEXITSTATUS(*status), doing), log);
  const int signal = WTERMSIG(*status);
  if (signal == SIGKILL && oom_kills() > oom_kills_before_)
    throw WorkerLost(Cause::out_of_memory, fmt::format("out of memory: the kernel killed the worker while {}", doing), log);
  if (signal == SIGABRT && any_tells_of_memory(log))
    throw WorkerLost(Cause::out_of_memory, fmt::format("out of memory: the worker aborted while {}", doing), log);
  throw WorkerLost(Cause::signal, fmt::format("the worker was killed by {} while {}", signal_name(signal), doing), log);
}

}  // namespace wan::run
