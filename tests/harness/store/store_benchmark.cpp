// What wan-eval takes to judge, report and list stored runs of many cells: whole processes, wall time, and the most memory that each held.
// Warm cache: the store was written just before. Arguments: cells in all. Ten thousand are one run, a million a year of nights (4 GB and
// some minutes to write, below the folder for temporary files).
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "harness/store/index.h"
#include "tests/support/harness/large_store.h"
#include "tests/support/temporary_folder.h"

namespace {

using namespace wan;

constexpr std::size_t kCellsOfANight = 2740, kOneRun = 10000;

struct Store {
  testing::TemporaryFolder root;
  std::vector<std::filesystem::path> runs;
};

// Made when first asked for and removed at the end.
const Store& store_of(std::size_t cells) {
  static std::map<std::size_t, std::unique_ptr<Store>> stores;
  auto& store = stores[cells];
  if (store) return *store;
  store = std::make_unique<Store>();
  const std::size_t nights = cells <= kOneRun ? 1 : (cells + kCellsOfANight - 1) / kCellsOfANight;
  store->runs = testing::store_nights(store->root.path(), nights, cells / nights);
  return *store;
}

struct Ran {
  double elapsed_s = 0, busy_s = 0, peak_bytes = 0;  // busy: on a CPU, its own and the system's
};

double seconds(const timeval& time) { return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec); }

Ran run_program(const std::vector<std::string>& arguments) {
  const std::string program = (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "wan-eval").string();
  const auto start = std::chrono::steady_clock::now();
  const pid_t child = ::fork();
  if (child == 0) {
    const int nowhere = ::open("/dev/null", O_RDWR);
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(nowhere, stream);
    std::vector<char*> words{const_cast<char*>(program.c_str())};
    for (const auto& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
    words.push_back(nullptr);
    ::execv(program.c_str(), words.data());
    ::_exit(127);
  }
  int status = 0;
  rusage usage{};
  if (child < 0 || ::wait4(child, &status, 0, &usage) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0) return {};
  return {.elapsed_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(),
          .busy_s = seconds(usage.ru_utime) + seconds(usage.ru_stime),
          .peak_bytes = 1024.0 * static_cast<double>(usage.ru_maxrss)};
}

// The time of every command holds that of `start`, in which a process does nothing but load its libraries.
void measure(
    benchmark::State& state, const std::vector<std::string>& arguments, const std::function<void()>& before = [] {}) {
  double peak_bytes = 0, busy_s = 0;
  for (auto _ : state) {
    before();
    const Ran ran = run_program(arguments);
    if (ran.elapsed_s == 0) return state.SkipWithError("wan-eval did not exit with 0");
    state.SetIterationTime(ran.elapsed_s);
    peak_bytes = std::max(peak_bytes, ran.peak_bytes);
    busy_s += ran.busy_s;
  }
  state.counters["peak_bytes"] = benchmark::Counter(peak_bytes, benchmark::Counter::kDefaults, benchmark::Counter::kIs1024);
  state.counters["busy_s"] = benchmark::Counter(busy_s, benchmark::Counter::kAvgIterations);
}

void start(benchmark::State& state) { measure(state, {"--version"}); }

void gate(benchmark::State& state) {
  const Store& store = store_of(static_cast<std::size_t>(state.range(0)));
  measure(state, {"gate", store.runs.back().string(), "--exit-zero"});
}

void report(benchmark::State& state) {
  const Store& store = store_of(static_cast<std::size_t>(state.range(0)));
  measure(state, {"report", store.runs.back().string()});
}

void make_index(benchmark::State& state) {
  const Store& store = store_of(static_cast<std::size_t>(state.range(0)));
  measure(state, {"list", "runs", "--out", store.root.path().string()}, [&] { std::filesystem::remove(store.root / store::kIndexFile); });
}

void list(benchmark::State& state) {
  const Store& store = store_of(static_cast<std::size_t>(state.range(0)));
  store::Index(store.root.path()).refresh();
  measure(state, {"list", "runs", "--out", store.root.path().string()});
}

// What `list` does besides starting and printing.
void list_in_process(benchmark::State& state) {
  const Store& store = store_of(static_cast<std::size_t>(state.range(0)));
  store::Index(store.root.path()).refresh();
  for (auto _ : state) {
    store::Index index(store.root.path());
    index.refresh();
    benchmark::DoNotOptimize(index.runs());
  }
}

void sizes(benchmark::internal::Benchmark* one) { one->UseManualTime()->Unit(benchmark::kMillisecond)->Arg(240)->Arg(10000)->Arg(1000000); }

BENCHMARK(start)->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK(gate)->Apply(sizes);
BENCHMARK(report)->Apply(sizes);
BENCHMARK(make_index)->Apply(sizes)->Iterations(1);
BENCHMARK(list)->Apply(sizes);
BENCHMARK(list_in_process)->Unit(benchmark::kMillisecond)->Arg(240)->Arg(10000)->Arg(1000000);

}  // namespace

BENCHMARK_MAIN();
