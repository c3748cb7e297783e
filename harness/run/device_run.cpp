#include "harness/run/device_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <optional>
#include <thread>
#include <utility>

#include "engine/base/error.h"
#include "harness/plan/shard.h"
#include "harness/run/extension.h"

namespace wan::run {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kLeastBudget_s = 1e-3;  // what is used up is not "none"

// One device's share: what is planned for it, and where it lies.
struct Part {
  const DeviceParts& device;
  plan::RunPlan plan;
  plan::Schedule schedule;
  store::RunRecord planned;
  std::filesystem::path folder = {};
  bool is_finished = false;
  RunOutcome outcome = {};
  std::exception_ptr fault = {};
};

class DevicesWalk {
 public:
  explicit DevicesWalk(const DevicesRun& run) : run_(run) {
    for (std::size_t i = 0; i < run.devices.size(); ++i) {
      const plan::Shard shard{.index = i + 1, .count = run.devices.size()};
      plan::RunPlan own = plan::take_shard(run.plan, shard, run.costs);
      plan::Schedule schedule = run.schedule(own);
      store::RunRecord planned = make_shard_record(run.planned, own, schedule, shard);
      planned.environment.device = run.devices[i].request.device;
      planned.extension.blocks = static_cast<std::int64_t>(schedule.extension);
      parts_.push_back({.device = run.devices[i], .plan = std::move(own), .schedule = std::move(schedule), .planned = std::move(planned)});
    }
  }

  DevicesOutcome walk() {
    for (Part& part : parts_) find_earlier(part);
    RunOutcome outcome = walk_all();
    if (outcome.end == RunEnd::finished) {
      store::RunRecord joined = join();
      if (decide_extension(joined)) {
        outcome = walk_all();
        if (outcome.end == RunEnd::finished) joined = join();
      }
      outcome.record = std::move(joined);
    }
    DevicesOutcome all{.outcome = std::move(outcome)};
    for (const Part& part : parts_) all.folders.push_back(part.folder);
    return all;
  }

 private:
  static store::ResumeKey key_of(const Part& part) { return {.plan_hash = part.planned.plan_hash, .shard = part.planned.shard}; }

  // A part that its device has finished already, while another was cut off.
  void find_earlier(Part& part) {
    if (!run_.resume) return;
    for (const auto& folder : store::list_run_folders(run_.root)) {
      try {
        const store::RunRecord header = store::read_run_header(folder);
        if (header.plan_hash != part.planned.plan_hash || header.shard != part.planned.shard || !header.complete) continue;
        part.folder = folder;
        part.is_finished = true;
        return;
      } catch (const UsageError&) {  // another version's
      }
    }
  }

  store::RunFolder open(Part& part) const {
    if (!part.folder.empty()) return store::RunFolder::reopen(part.folder);
    if (run_.resume)
      if (auto resumed = store::RunFolder::resume(run_.root, key_of(part))) return std::move(*resumed);
    return store::RunFolder::create(run_.root, part.planned, run_.label + "-" + part.device.request.device);
  }

  // In a thread of its own.
  void walk(Part& part) const {
    try {
      store::RunFolder folder = open(part);
      part.folder = folder.path();
      const std::string name = part.device.request.device;
      Reporter reporter({.write = [&](const std::string& text) { tell(fmt::format("{} {}", name, text)); }}, Eta(run_.costs),
                        part.plan.cells.size());
      part.outcome = Runner({.plan = part.plan,
                             .schedule = part.schedule,
                             .request = part.device.request,
                             .make_executor = part.device.make_executor,
                             .residents = part.device.residents,
                             .folder = folder,
                             .reporter = reporter,
                             .cancelled = run_.cancelled,
                             .observe = part.device.observe,
                             .budget_s = run_.budget_s > 0 ? std::max(run_.budget_s - used_s(), kLeastBudget_s) : 0})
                         .run();
      part.is_finished = part.outcome.end == RunEnd::finished;
    } catch (...) {
      part.fault = std::current_exception();
    }
  }

  RunOutcome walk_all() {
    std::vector<std::thread> threads;
    for (Part& part : parts_)
      if (!part.is_finished) threads.emplace_back([this, &part] { walk(part); });
    for (auto& thread : threads) thread.join();
    for (const Part& part : parts_)
      if (part.fault) std::rethrow_exception(part.fault);
    for (Part& part : parts_)
      if (!part.is_finished)
        return {.record = {}, .end = part.outcome.end, .reason = fmt::format("{}: {}", part.device.request.device, part.outcome.reason)};
    return {};
  }

  store::RunRecord join() const {
    std::vector<store::MergePart> parts;
    for (const Part& part : parts_) parts.push_back({.name = part.folder.string(), .record = store::read_run(part.folder)});
    store::RunRecord joined = store::merge_runs(parts, store::Missing::refused);
    joined.environment.device = run_.planned.environment.device;
    joined.command = run_.planned.command;
    joined.elapsed_s = 0;  // beside each other, not one after the other
    for (const auto& part : parts) joined.elapsed_s = std::max(joined.elapsed_s, part.record.elapsed_s);
    return joined;
  }

  // True if devices have blocks to walk for it. One that was decided before another device was cut off stands.
  bool decide_extension(store::RunRecord& joined) {
    store::Extension& extension = joined.extension;
    if (extension.blocks == 0 || !run_.open_speeds) return false;
    const bool is_new = !extension.decided;
    if (is_new) {
      extension.configurations = run_.open_speeds(joined);
      extension.decided = true;
      if (run_.budget_s > 0) {
        store::Extension longest = extension;
        longest.blocks = 0;
        for (const Part& part : parts_) longest.blocks = std::max(longest.blocks, part.planned.extension.blocks);
        const double block_s = used_s() / static_cast<double>(longest.blocks);
        extension.unused = why_over_budget(run_.plan, longest, std::span(&block_s, 1), run_.budget_s - used_s());
      }
    }
    const bool is_used = !extension.configurations.empty() && extension.unused.empty();
    bool any = false;
    for (Part& part : parts_) {
      if (store::read_run_header(part.folder).extension.decided) continue;
      reopen(part, extension, is_used);
      any = any || is_used;
    }
    if (is_new && is_used)
      tell(fmt::format("the speed of {} is open: {} more blocks\n", fmt::join(extension.configurations, ", "), extension.blocks));
    return any;
  }

  void reopen(Part& part, const store::Extension& decided, bool is_used) {
    store::RunFolder folder = store::RunFolder::reopen(part.folder);
    store::RunRecord record = folder.record();
    const std::int64_t blocks = record.extension.blocks;
    record.extension = decided;
    record.extension.blocks = blocks;
    record.complete = !is_used;
    part.is_finished = !is_used;
    folder.write(record);
  }

  void tell(const std::string& text) const {
    if (run_.tell) run_.tell(text);
  }

  double used_s() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

  const DevicesRun& run_;
  Clock::time_point start_ = Clock::now();
  std::vector<Part> parts_ = {};
};

}  // namespace

DevicesOutcome run_on_devices(const DevicesRun& run) { return DevicesWalk(run).walk(); }

}  // namespace wan::run
