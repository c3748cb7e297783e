#include "harness/machine/summary.h"

#include <gtest/gtest.h>

namespace wan::machine {
namespace {

TEST(Tally, HasNothingToSayOfNothing) {
  const Tally tally;
  EXPECT_FALSE(tally.mean());
  EXPECT_FALSE(tally.min());
  EXPECT_FALSE(tally.max());
}

TEST(Tally, MeanAndExtremes) {
  Tally tally;
  for (const double value : {-3.0, -1.0, -2.0}) tally.add(value);
  tally.add(std::optional<double>());
  EXPECT_EQ(tally.mean(), -2.0);
  EXPECT_EQ(tally.min(), -3.0);
  EXPECT_EQ(tally.max(), -1.0) << "no zero slips in from the start";
}

TEST(GpuSummary, TakesMeansExtremesAndAllBits) {
  GpuSummary summary;
  summary.add({.sm_clock_hz = 1500e6, .memory_clock_hz = 2619e6, .power_w = 600, .temperature_c = 58, .event_reasons = kReasonSwPowerCap});
  summary.add({.sm_clock_hz = 1800e6, .memory_clock_hz = 2619e6, .power_w = 700, .temperature_c = 61, .event_reasons = kReasonHwSlowdown});
  summary.add({.power_w = 500, .temperature_c = 60});
  const GpuCovariates gpu = summary.covariates();
  EXPECT_EQ(gpu.samples, 3);
  EXPECT_EQ(gpu.mean_sm_clock_hz, 1650e6);
  EXPECT_EQ(gpu.min_sm_clock_hz, 1500e6);
  EXPECT_EQ(gpu.max_sm_clock_hz, 1800e6);
  EXPECT_EQ(gpu.mean_memory_clock_hz, 2619e6);
  EXPECT_EQ(gpu.mean_power_w, 600);
  EXPECT_EQ(gpu.max_temperature_c, 61);
  EXPECT_EQ(gpu.event_reasons, kReasonSwPowerCap | kReasonHwSlowdown);
}

TEST(GpuSummary, WithoutReadingsEverythingIsAbsent) {
  GpuSummary summary;
  summary.add({});
  const GpuCovariates gpu = summary.covariates();
  EXPECT_EQ(gpu.samples, 1);
  EXPECT_FALSE(gpu.mean_sm_clock_hz);
  EXPECT_FALSE(gpu.mean_power_w);
  EXPECT_FALSE(gpu.event_reasons) << "no bit read is not the same as no bit set";
}

using Pids = std::vector<std::int64_t>;

TEST(ForeignProcesses, AreThoseThatAreNotOurs) {
  const std::vector<GpuProcess> listed{{.pid = 30}, {.pid = 10}, {.pid = 20}, {.pid = 30}};
  EXPECT_EQ(foreign_processes(listed, {.pids = {10, 99}, .on_gpu = 1}), (Pids{20, 30}));
  EXPECT_EQ(foreign_processes(listed, {.pids = {10, 20, 30}, .on_gpu = 1}), Pids{});
  EXPECT_EQ(foreign_processes({}, {.pids = {10}, .on_gpu = 1}), Pids{});
}

TEST(ForeignProcesses, OfAnotherNamespaceAreCounted) {
  const std::vector<GpuProcess> listed{{.pid = 5001}, {.pid = 5002}};
  EXPECT_EQ(foreign_processes(listed, {.pids = {10}, .on_gpu = 2, .same_namespace = false}), Pids{});
  EXPECT_EQ(foreign_processes(listed, {.pids = {10}, .on_gpu = 1, .same_namespace = false}).size(), 1u);
  EXPECT_EQ(foreign_processes(listed, {.pids = {10}, .on_gpu = 3, .same_namespace = false}), Pids{});
  EXPECT_EQ(foreign_processes(listed, {.pids = {5001}, .on_gpu = 1, .same_namespace = false}), Pids{5002})
      << "one is ours: ids can be told";
}

TEST(CpuShares, SplitWhatTheCoresWorked) {
  const auto shares = cpu_shares({.busy = 1000, .total = 5000}, {.busy = 1180, .total = 5200}, /*own_ticks=*/100);
  ASSERT_TRUE(shares);
  EXPECT_DOUBLE_EQ(shares->own, 0.5);
  EXPECT_DOUBLE_EQ(shares->foreign, 0.4);
}

TEST(CpuShares, RoundingNeverMakesThemNegative) {
  const auto shares = cpu_shares({.busy = 0, .total = 0}, {.busy = 99, .total = 100}, /*own_ticks=*/102);
  ASSERT_TRUE(shares);
  EXPECT_EQ(shares->own, 1);
  EXPECT_EQ(shares->foreign, 0);
}

TEST(CpuShares, AreAbsentForShortVisitsAndClocksThatRunBack) {
  EXPECT_TRUE(cpu_shares({}, {.busy = 0, .total = kFewestTicks}, 0));
  EXPECT_FALSE(cpu_shares({}, {.busy = 0, .total = kFewestTicks - 1}, 0));
  EXPECT_FALSE(cpu_shares({.busy = 5, .total = 1000}, {.busy = 4, .total = 2000}, 0));
  EXPECT_FALSE(cpu_shares({.busy = 5, .total = 1000}, {.busy = 5, .total = 900}, 0));
}

}  // namespace
}  // namespace wan::machine
