#include "harness/run/null_executor.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <new>
#include <string_view>
#include <thread>

#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/base/random.h"

namespace wan::run {
namespace {

constexpr int kExitStatus = 7;
constexpr int kLostCode = 700;  // of an illegal address
constexpr double kStep_s = 0.001;

// Neither a handler, which a sanitizer may have set, nor a core file.
void die_by(int signal) {
  const rlimit no_core{};
  ::setrlimit(RLIMIT_CORE, &no_core);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

// For ever, in steps that ask whether to go on.
void step_on(const Progress& progress) {
  for (std::int64_t step = 1; progress && progress(step, step + 1); ++step) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  throw Cancelled{};
}

[[noreturn]] void sleep_on(const Progress&) {
  for (;;) ::pause();
}

void run_out_of_memory_in_a_thread(const Progress&) {
  const rlimit no_core{};
  ::setrlimit(RLIMIT_CORE, &no_core);
  std::thread([] { throw std::bad_alloc(); }).join();
}

struct Fault {
  const char* word;
  void (*happen)(const Progress&);
};
constexpr Fault kFaults[] = {
    {"segfault", [](const Progress&) { die_by(SIGSEGV); }},
    {"abort", [](const Progress&) { die_by(SIGABRT); }},
    {"kill", [](const Progress&) { die_by(SIGKILL); }},
    {"stop", [](const Progress&) { ::raise(SIGSTOP); }},
    {"exit", [](const Progress&) { std::_Exit(kExitStatus); }},
    {"hang", sleep_on},
    {"steps", step_on},
    {"bad_alloc", [](const Progress&) { throw std::bad_alloc(); }},
    {"bad_alloc_in_thread", run_out_of_memory_in_a_thread},
    {"device_memory", [](const Progress&) { throw std::runtime_error("CUDA out of memory. Tried to allocate 2 GiB"); }},
    {"usage", [](const Progress&) { throw UsageError("the null model refuses"); }},
    {"check", [](const Progress&) { throw CheckError("the null model checks"); }},
    {"cuda", [](const Progress&) { throw CudaError(2, "the null device fails"); }},
    {"fatal_cuda", [](const Progress&) { throw FatalCudaError(kLostCode, "the null device is lost"); }},
};

const Fault* find_fault(const std::string& word) {
  std::string words;
  for (const Fault& fault : kFaults) {
    if (word == fault.word) return &fault;
    words += (words.empty() ? "" : ", ") + std::string(fault.word);
  }
  throw UsageError(fmt::format("fault '{}' is none of {}", word, words));
}

// FNV-1a, going on from `hash`.
std::uint64_t hash_text(std::string_view text, std::uint64_t hash = 0xcbf29ce484222325ULL) {
  for (const char letter : text) hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3ULL;
  return hash;
}

class NullExecutor final : public Executor {
 public:
  explicit NullExecutor(const std::string& fault) {
    if (fault.empty()) return;
    const auto at = fault.find('@');
    fault_ = find_fault(fault.substr(0, at));
    const char* end = fault.data() + fault.size();
    const auto [parsed, error] = std::from_chars(at == std::string::npos ? end : fault.data() + at + 1, end, fault_at_);
    if (error != std::errc{} || parsed != end) throw UsageError(fmt::format("fault '{}': write word@number of the request", fault));
  }

  LoadReport load(const LoadRequest& request) override {
    requests_ = 0;
    optimizations_ = 0;
    for (const auto& choice : request.optimizations) optimizations_ = hash_text(choice.id, optimizations_);
    happen({});
    return {.weights_hash = "null"};
  }
  GenerationResult generate(const GenerationRequest& request, const Progress& progress) override {
    ++requests_;
    happen(progress);
    if (progress && !progress(1, 1)) throw Cancelled{};
    GenerationResult result{.clip = {.frames = request.frames, .height = request.height, .width = request.width}, .stages = {}};
    paint(request, result.clip);
    if (!request.trajectory_file.empty() && !(std::ofstream(request.trajectory_file) << request.prompt).flush())
      result.fallbacks.push_back(request.trajectory_file + ": the trajectory cannot be written");
    return result;
  }
  // Two experts with half of the steps each, a millisecond a step.
  TimedSteps time_steps(const GenerationRequest& request, std::int64_t steps_an_expert, const Progress& progress) override {
    ++requests_;
    happen(progress);
    if (progress && !progress(1, 1)) throw Cancelled{};
    TimedSteps result{.clip_high_noise_steps = request.steps / 2, .clip_low_noise_steps = request.steps - request.steps / 2};
    const std::int64_t low_noise_steps = std::min(steps_an_expert, result.clip_low_noise_steps);
    result.stages.high_noise_steps = std::min(steps_an_expert, result.clip_high_noise_steps);
    result.stages.step_s.assign(static_cast<std::size_t>(result.stages.high_noise_steps + low_noise_steps), kStep_s);
    result.transformer_forwards = 2 * std::ssize(result.stages.step_s);
    result.latents_hash = fmt::format("{:016x}", hash_text(request.prompt, request.seed ^ optimizations_));
    return result;
  }
  // A configuration goes further astray with each step, the baseline not at all.
  ReplayResult replay(const GenerationRequest& request, const std::string& trajectory_file, const Progress& progress) override {
    ++requests_;
    happen(progress);
    if (!std::filesystem::exists(trajectory_file)) throw UsageError(trajectory_file + ": no such file");
    ReplayResult result;
    for (std::int64_t step = 0; step < request.steps; ++step)
      result.steps.push_back({.step = step, .relative_l2 = optimizations_ == 0 ? 0.0 : static_cast<double>(step + 1) / 100, .cosine = 1.0});
    return result;
  }
  void unload() override {}

 private:
  // Noise of prompt and seed; optimisations flip the lowest bit of every eighth value, which ones says their hash.
  void paint(const GenerationRequest& request, VideoClip& clip) const {
    clip.rgb.resize(static_cast<std::size_t>(clip.frames * clip.height * clip.width * 3));
    SplitMix64 random(hash_text(request.prompt) ^ request.seed);
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < clip.rgb.size(); ++i, bits >>= 8) {
      if (i % 8 == 0) bits = random.next();
      clip.rgb[i] = static_cast<std::uint8_t>(bits);
    }
    if (optimizations_ == 0) return;
    for (std::size_t i = optimizations_ % 8; i < clip.rgb.size(); i += 8) clip.rgb[i] ^= 1U;
  }

  void happen(const Progress& progress) const {
    if (!fault_ || requests_ != fault_at_) return;
    for (int line = 1; line <= 30; ++line) log::warn("null model: {}, line {}", fault_->word, line);
    fault_->happen(progress);
  }

  const Fault* fault_ = nullptr;
  std::int64_t fault_at_ = 0, requests_ = 0;
  std::uint64_t optimizations_ = 0;  // hash of their ids; 0: none
};

}  // namespace

std::unique_ptr<Executor> make_null_executor(const std::string& fault) { return std::make_unique<NullExecutor>(fault); }

}  // namespace wan::run
