#include "harness/machine/sampler.h"

#include <fmt/format.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

#include "engine/base/error.h"
#include "harness/machine/perf_counters.h"
#include "harness/machine/proc.h"
#include "harness/machine/summary.h"

namespace wan::machine {
namespace {

constexpr int kSlowEvery = 10;  // samples between two looks at what costs more than a register: process list, /proc, /sys

double seconds_of(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

struct Clocks {
  double monotonic_s = seconds_of(CLOCK_MONOTONIC), since_boot_s = seconds_of(CLOCK_BOOTTIME), wall_s = seconds_of(CLOCK_REALTIME);
};

std::vector<int> ours(const SamplerOptions& options) {
  std::vector<int> processes = options.workers;
  processes.push_back(::getpid());
  return processes;
}

std::vector<int> threads_of(const Proc& proc, const ProcessUse& use) {
  std::vector<int> threads;
  for (const int process : use.processes)
    for (const int thread : proc.threads_of(process)) threads.push_back(thread);
  return threads;
}

}  // namespace

struct Sampler::State {
  explicit State(SamplerOptions given)
      : options(std::move(given)), proc(options.root), use(proc.use_of(ours(options))), counters(threads_of(proc, use)) {
    same_namespace = proc.in_first_pid_namespace();
    if (options.gpu) {
      ecc = keep(options.gpu->ecc_errors());
      auto watch = options.gpu->watch_xids();
      if (!watch.value) absent.insert(watch.absent);
      if (watch.value) xids = std::move(*watch.value);
    }
    cpu = proc.cpu_times();
    last_look_s = clocks.monotonic_s;
    look(/*thorough=*/true);
    thread = std::jthread([this](std::stop_token stop) { sample_until(stop); });
  }

  // The value; of one that is absent the reason is kept.
  template <typename T>
  std::optional<T> keep(Reading<T> reading) {
    if (!reading.value) absent.insert(std::move(reading.absent));
    return std::move(reading.value);
  }

  // A sampler that fails must not end the run that it watches.
  void sample_until(const std::stop_token& stop) {
    try {
      sample(stop);
    } catch (const std::exception& error) {
      absent.insert(fmt::format("samples: the sampler stopped early: {}", error.what()));
    }
  }

  void sample(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    auto next = std::chrono::steady_clock::now();
    for (int i = 1;; ++i) {
      next = std::max(next + options.period, std::chrono::steady_clock::now());  // late is late: no burst to catch up
      wake.wait_until(lock, stop, next, [] { return false; });
      if (stop.stop_requested()) return;
      look(/*thorough=*/i % kSlowEvery == 0);
    }
  }

  void look(bool thorough) {
    const double now_s = seconds_of(CLOCK_MONOTONIC);
    longest_gap_s = std::max(longest_gap_s, now_s - last_look_s);
    last_look_s = now_s;
    if (options.gpu) look_at_gpu(thorough);
    if (!thorough) return;
    cpu_clock_hz.add(proc.mean_clock_hz());
    cpu_temperature_c.add(proc.max_temperature_c());
  }

  void look_at_gpu(bool thorough) {
    const Gpu& one = *options.gpu;
    gpu.add({.sm_clock_hz = keep(one.sm_clock_hz()),
             .memory_clock_hz = keep(one.memory_clock_hz()),
             .power_w = keep(one.power_w()),
             .temperature_c = keep(one.temperature_c()),
             .event_reasons = keep(one.event_reasons())});
    if (!thorough) return;
    if (const auto processes = keep(one.processes())) {
      if (!same_namespace && !processes->empty())
        absent.insert("foreign processes: ids may be of the host, so ours are told by their number");
      const auto strangers =
          foreign_processes(*processes, {.pids = use.processes, .on_gpu = options.gpu_contexts, .same_namespace = same_namespace});
      foreign.insert(strangers.begin(), strangers.end());
    }
  }

  GpuCovariates finish_gpu() {
    GpuCovariates result = gpu.covariates();
    result.uuid = keep(options.gpu->uuid()).value_or("");
    result.power_limit_w = keep(options.gpu->power_limit_w());
    result.foreign_processes.assign(foreign.begin(), foreign.end());
    if (const auto now = keep(options.gpu->ecc_errors()); now && ecc) {
      result.new_ecc_corrected = now->corrected - ecc->corrected;
      result.new_ecc_uncorrected = now->uncorrected - ecc->uncorrected;
    }
    if (xids) result.xids = xids->poll();
    return result;
  }

  CpuCovariates finish_cpu() {
    const ProcessUse after = proc.use_of(ours(options));
    CpuCovariates result;
    result.mean_clock_hz = cpu_clock_hz.mean();
    result.max_temperature_c = cpu_temperature_c.max();
    result.load_average = proc.load_average();
    if (!after.involuntary_switches.empty()) result.involuntary_switches = static_cast<std::int64_t>(switches_between(use, after));
    const auto now = proc.cpu_times();
    if (const auto shares = cpu && now ? cpu_shares(*cpu, *now, ticks_between(use, after)) : std::nullopt) {
      result.own_share = shares->own;
      result.foreign_share = shares->foreign;
    } else {
      const bool ticking = cpu && now && now->total > 0;  // sandboxes may show a clock that stands at zero
      absent.insert(ticking ? "shares of CPU time: the visit was too short for the kernel's tick"
                            : "shares of CPU time: /proc/stat tells none");
    }
    result.cycles = counters.cycles();
    result.instructions = counters.instructions();
    if (!counters.problem().empty()) absent.insert(counters.problem());
    if (!result.mean_clock_hz) absent.insert("CPU clock: neither cpufreq nor /proc/cpuinfo tells it");
    if (!result.max_temperature_c) absent.insert("CPU temperature: no sensor");
    return result;
  }

  const SamplerOptions options;
  const Proc proc;
  const Clocks clocks = {};
  const ProcessUse use;
  const PerfCounters counters;
  bool same_namespace = true, finished = false;
  std::optional<CpuTimes> cpu = {};
  std::optional<EccErrors> ecc = {};
  std::unique_ptr<XidWatch> xids = {};
  // Of the thread, until it is joined.
  double last_look_s = 0, longest_gap_s = 0;
  Tally cpu_clock_hz, cpu_temperature_c;
  GpuSummary gpu;
  std::set<std::int64_t> foreign = {};
  std::set<std::string> absent = {};
  std::jthread thread;  // last: it must end before what it uses
};

Sampler::Sampler(SamplerOptions options) : state_(std::make_unique<State>(std::move(options))) {}
Sampler::~Sampler() = default;

Covariates Sampler::finish() {
  State& state = *state_;
  WAN_CHECK(!state.finished, "a sampler serves one visit");
  state.finished = true;
  state.thread.request_stop();
  state.thread.join();
  state.look(/*thorough=*/true);
  const Clocks now;
  Covariates covariates;
  covariates.elapsed_s = now.monotonic_s - state.clocks.monotonic_s;
  covariates.suspended_s = std::max(0.0, (now.since_boot_s - state.clocks.since_boot_s) - covariates.elapsed_s);
  covariates.wall_step_s = (now.wall_s - state.clocks.wall_s) - (now.since_boot_s - state.clocks.since_boot_s);
  covariates.longest_gap_s = state.longest_gap_s;
  if (state.options.gpu) covariates.gpu = state.finish_gpu();
  covariates.cpu = state.finish_cpu();
  covariates.absent.assign(state.absent.begin(), state.absent.end());
  return covariates;
}

}  // namespace wan::machine
