#include "harness/run/overhead.h"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/base/error.h"
#include "harness/measure/statistics.h"
#include "harness/run/runner.h"
#include "harness/store/cell_log.h"

namespace wan::run {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// Notes when each clip was asked for: the time between two is what one cell took.
class NotingExecutor final : public Executor {
 public:
  NotingExecutor(std::unique_ptr<Executor> inner, std::vector<Clock::time_point>& asked) : inner_(std::move(inner)), asked_(asked) {}
  LoadReport load(const LoadRequest& request) override { return inner_->load(request); }
  GenerationResult generate(const GenerationRequest& request, const Progress& progress) override {
    asked_.push_back(Clock::now());
    return inner_->generate(request, progress);
  }
  TimedSteps time_steps(const GenerationRequest& request, std::int64_t steps_an_expert, const Progress& progress) override {
    return inner_->time_steps(request, steps_an_expert, progress);
  }
  ReplayResult replay(const GenerationRequest& request, const std::string& trajectory_file, const Progress& progress) override {
    return inner_->replay(request, trajectory_file, progress);
  }
  void unload() override { inner_->unload(); }

 private:
  std::unique_ptr<Executor> inner_;
  std::vector<Clock::time_point>& asked_;
};

// A baseline, and a candidate that is scored against it.
plan::RunPlan null_plan(std::size_t cells) {
  plan::RunPlan plan;
  plan.tier_id = plan.suite_id = "null";
  plan.shape = {.width = 16, .height = 16, .frames = 5, .steps = 1};
  plan.seeds = {0};
  plan.metrics = {"null"};
  plan.configurations = {{.configuration = {.id = "bf16"}, .shape = plan.shape}, {.configuration = {.id = "null"}, .shape = plan.shape}};
  for (std::size_t i = 0; i < cells; ++i) plan.prompts.push_back({.id = std::to_string(i), .category = "null", .text = std::to_string(i)});
  for (std::size_t configuration = 0; configuration < 2; ++configuration)
    for (std::size_t prompt = 0; prompt < cells; ++prompt)
      plan.cells.push_back({.configuration = configuration, .prompt = prompt, .seed = 0});
  return plan;
}

double median_cell_s(const std::vector<Clock::time_point>& asked, std::size_t cells) {
  std::vector<double> cell_s;  // of the candidate: the last `cells` requests, from one to the next
  for (std::size_t i = asked.size() - cells + 1; i < asked.size(); ++i)
    cell_s.push_back(std::chrono::duration<double>(asked[i] - asked[i - 1]).count());
  return measure::median(cell_s);
}

double median_sync_s(const std::filesystem::path& file, const std::string& line, std::size_t lines) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) throw store::StorageError(file.string() + ": cannot open");
  std::vector<double> sync_s;
  for (std::size_t i = 0; i < lines; ++i) {
    const auto start = Clock::now();
    store::append_line(fd, line, file);
    sync_s.push_back(seconds_since(start));
  }
  ::close(fd);
  return measure::median(sync_s);
}

struct RemovedAtEnd {
  const std::filesystem::path path;
  ~RemovedAtEnd() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
};

}  // namespace

Overhead measure_overhead(const std::filesystem::path& folder, const Residents::Make& null_model, std::size_t cells) {
  WAN_CHECK(cells >= 2, "a cell is timed from one to the next: {} are too few", cells);
  const plan::RunPlan plan = null_plan(cells);
  const RunRequest request{.checkpoint_dir = "null", .model = "null"};
  const plan::Schedule schedule = plan::in_plan_order(plan);
  std::vector<Clock::time_point> asked;
  Reporter reporter({}, Eta{}, plan.cells.size());
  store::RunFolder run_folder = store::RunFolder::create(folder, make_record(plan, schedule, request), "null");
  const RemovedAtEnd own{run_folder.path()};
  const RunOutcome outcome = Runner({.plan = plan,
                                     .schedule = schedule,
                                     .request = request,
                                     .make_executor = [&] { return std::make_unique<NotingExecutor>(null_model(), asked); },
                                     .residents = {},
                                     .folder = run_folder,
                                     .reporter = reporter})
                                 .run();
  const store::Cell& last = outcome.record.configurations.back().cells.back();
  WAN_CHECK(last.status == store::CellStatus::done, "the null model gave no clip: {}", last.reason);
  Overhead overhead{.cells = cells, .cell_s = median_cell_s(asked, cells)};
  overhead.sync_s = median_sync_s(own.path / "sync", std::string(1000, 'x'), cells);
  return overhead;
}

}  // namespace wan::run
