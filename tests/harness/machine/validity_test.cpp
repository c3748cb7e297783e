#include "harness/machine/validity.h"

#include <gtest/gtest.h>

namespace wan::machine {
namespace {

// A visit on a GPU to itself, power-capped as the real ones are.
ObservedVisit quiet_gpu(const std::string& configuration = "bf16", double clock_hz = 1600e6) {
  ObservedVisit visit{.configuration = configuration, .covariates = {}};
  visit.covariates.gpu = GpuCovariates{.samples = 30,
                                       .mean_sm_clock_hz = clock_hz,
                                       .event_reasons = kReasonSwPowerCap | kReasonClocksSetting | kReasonSwThermal,
                                       .new_ecc_corrected = 0,
                                       .new_ecc_uncorrected = 0};
  return visit;
}

ObservedVisit quiet_cpu(double foreign_share = 0.05) {
  ObservedVisit visit{.configuration = "bf16", .covariates = {}};
  visit.covariates.cpu.foreign_share = foreign_share;
  return visit;
}

std::vector<VoidReason> reasons_of(const std::vector<ObservedVisit>& block, const SmClocks& medians_hz = {{"bf16", 1600e6}},
                                   const ValidityThresholds& thresholds = {}) {
  std::vector<VoidReason> reasons;
  for (const Voiding& voiding : void_reasons(block, medians_hz, thresholds)) reasons.push_back(voiding.reason);
  return reasons;
}

using Reasons = std::vector<VoidReason>;

TEST(Validity, QuietVisitsCountAndThePowerCapIsQuiet) {
  EXPECT_EQ(reasons_of({quiet_gpu(), quiet_gpu(), quiet_cpu()}), Reasons{});
  EXPECT_EQ(reasons_of({}), Reasons{});
}

TEST(Validity, WhatWasNotReadVoidsNothing) {
  ObservedVisit blind{.configuration = "bf16", .covariates = {}};
  EXPECT_EQ(reasons_of({blind}), Reasons{});
  blind.covariates.gpu = GpuCovariates{};
  EXPECT_EQ(reasons_of({blind}), Reasons{});
}

TEST(Validity, HardwareEventsVoid) {
  for (const std::uint64_t bit : {kReasonHwSlowdown, kReasonHwThermal, kReasonHwPowerBrake}) {
    ObservedVisit visit = quiet_gpu();
    *visit.covariates.gpu->event_reasons |= bit;
    EXPECT_EQ(reasons_of({quiet_gpu(), visit}), Reasons{VoidReason::hw_slowdown}) << bit;
  }
  ObservedVisit visit = quiet_gpu("fp8");
  *visit.covariates.gpu->event_reasons |= kReasonHwThermal | kReasonHwSlowdown;
  const std::vector<ObservedVisit> block{visit};
  const auto found = void_reasons(block, {});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].configuration, "fp8");
  EXPECT_EQ(found[0].detail, "the GPU held its clocks back: hardware slowdown, hardware thermal slowdown") << "and not the power cap";
}

TEST(Validity, ForeignProcessOnTheGpuVoids) {
  ObservedVisit visit = quiet_gpu();
  visit.covariates.gpu->foreign_processes = {4242};
  EXPECT_EQ(reasons_of({visit}), Reasons{VoidReason::foreign_gpu_process});
}

TEST(Validity, NewMemoryErrorsAndXidsVoid) {
  ObservedVisit corrected = quiet_gpu(), uncorrected = quiet_gpu(), xid = quiet_gpu();
  corrected.covariates.gpu->new_ecc_corrected = 1;
  uncorrected.covariates.gpu->new_ecc_uncorrected = 1;
  xid.covariates.gpu->xids = {79};
  EXPECT_EQ(reasons_of({corrected}), Reasons{VoidReason::ecc});
  EXPECT_EQ(reasons_of({uncorrected}), Reasons{VoidReason::ecc});
  EXPECT_EQ(reasons_of({xid}), Reasons{VoidReason::xid});
}

TEST(Validity, ClockIsComparedWithTheSameConfigurationsVisits) {
  std::vector<ObservedVisit> run;
  for (const double clock_mhz : {1590.0, 1600.0, 1610.0}) run.push_back(quiet_gpu("bf16", 1e6 * clock_mhz));
  for (const double clock_mhz : {1695.0, 1700.0, 1705.0}) run.push_back(quiet_gpu("fp8", 1e6 * clock_mhz));
  const SmClocks medians_hz = median_sm_clocks_hz(run);
  EXPECT_EQ(medians_hz, (SmClocks{{"bf16", 1600e6}, {"fp8", 1700e6}}));
  EXPECT_EQ(reasons_of(run, medians_hz), Reasons{}) << "a faster configuration runs at another clock";
  EXPECT_EQ(reasons_of({quiet_gpu("bf16", 1647e6), quiet_gpu("bf16", 1553e6)}, medians_hz), Reasons{}) << "within 3 %";
  EXPECT_EQ(reasons_of({quiet_gpu("bf16", 1649e6)}, medians_hz), Reasons{VoidReason::sm_clock});
  EXPECT_EQ(reasons_of({quiet_gpu("bf16", 1551e6)}, medians_hz), Reasons{VoidReason::sm_clock});
  EXPECT_EQ(reasons_of({quiet_gpu("fp8", 1600e6)}, medians_hz), Reasons{VoidReason::sm_clock});
  EXPECT_EQ(reasons_of({quiet_gpu("other", 900e6)}, medians_hz), Reasons{}) << "nothing to compare with";
}

TEST(Validity, MediansLeaveOutWhatHasNoClock) {
  std::vector<ObservedVisit> run{quiet_cpu(), quiet_gpu("fp8")};
  run.push_back(quiet_gpu("fp8"));
  run.back().covariates.gpu->mean_sm_clock_hz = std::nullopt;
  EXPECT_EQ(median_sm_clocks_hz(run), (SmClocks{{"fp8", 1600e6}}));
  EXPECT_TRUE(median_sm_clocks_hz({}).empty());
}

TEST(Validity, ABusyHostIsACovariate) { EXPECT_EQ(reasons_of({quiet_cpu(0.95)}), Reasons{}); }

TEST(Validity, SleepAndJumpsOfTheClockVoid) {
  ObservedVisit slept = quiet_cpu(), paused = quiet_gpu(), corrected = quiet_cpu();
  slept.covariates.suspended_s = 5;
  slept.covariates.wall_step_s = 5;
  paused.covariates.wall_step_s = -3;
  corrected.covariates.wall_step_s = 0.02;
  corrected.covariates.suspended_s = 1e-6;
  EXPECT_EQ(reasons_of({slept}), Reasons{VoidReason::suspended}) << "once";
  EXPECT_EQ(reasons_of({paused}), Reasons{VoidReason::suspended});
  EXPECT_EQ(reasons_of({corrected}), Reasons{});
}

TEST(Validity, EveryReasonOfABlockIsTold) {
  ObservedVisit bad = quiet_gpu("bf16", 1000e6);
  bad.covariates.gpu->foreign_processes = {1};
  bad.covariates.suspended_s = 1;
  EXPECT_EQ(reasons_of({bad, quiet_cpu(0.9)}), (Reasons{VoidReason::foreign_gpu_process, VoidReason::sm_clock, VoidReason::suspended}));
}

TEST(Validity, EventReasonsHaveWords) {
  EXPECT_EQ(describe_event_reasons(0), "nothing");
  EXPECT_EQ(describe_event_reasons(kReasonSwPowerCap), "power cap");
  EXPECT_EQ(describe_event_reasons(kReasonSwPowerCap | 0x1000), "power cap, 0x1000");
  EXPECT_STREQ(to_string(VoidReason::sm_clock), "sm_clock");
}

}  // namespace
}  // namespace wan::machine
