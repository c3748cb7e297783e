// Several devices in one run: each walks whole blocks of its own beside the others, over a shard of the plan and in a folder of its own, so
// that pairs never span devices and no two threads write one store. When all have finished their parts are joined, and what the joined
// blocks leave open is extended once, on every device for its own blocks. Whatever ends a device's part, it is resumed like any run.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "harness/run/runner.h"
#include "harness/store/merge.h"

namespace wan::run {

// What one device walks with; its request names it.
struct DeviceParts {
  RunRequest request;
  Residents::Make make_executor;  // of workers: this process's engine has process-wide settings that devices would share
  ResidentLimits residents = {};
  std::function<std::function<machine::Covariates()>()> observe = {};
};

struct DevicesRun {
  const plan::RunPlan& plan;
  const store::RunRecord& planned;  // of the whole, without a shard
  const plan::Costs& costs;         // what devices share the work by
  std::vector<DeviceParts> devices;
  std::function<plan::Schedule(const plan::RunPlan& part)> schedule;  // of a device; with the extension that it registers
  std::filesystem::path root;                                         // of the parts' folders, which whoever stores the joined run removes
  std::string label;
  bool resume = false;  // goes on with parts of the same request that are there
  std::function<void(const std::string&)> tell = {};
  std::function<bool()> cancelled = {};
  double budget_s = 0;
  std::function<std::vector<std::string>(const store::RunRecord&)> open_speeds = {};
};

struct DevicesOutcome {
  RunOutcome outcome;                               // its record is the joined one, and there only if all devices have finished
  std::vector<std::filesystem::path> folders = {};  // of the parts, in the order of the devices
};

// Throws what the first device's runner threw, after the others have ended, and UsageError for more devices than there are clips.
DevicesOutcome run_on_devices(const DevicesRun& run);

}  // namespace wan::run
