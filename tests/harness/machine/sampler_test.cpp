#include "harness/machine/sampler.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <thread>

#include "engine/base/error.h"
#include "harness/machine/nvml_api.h"
#include "tests/support/harness/fake_driver.h"
#include "tests/support/harness/temporary_folder.h"

namespace wan::machine {
namespace {

using testing::FakeDriver;
using namespace std::chrono_literals;

std::shared_ptr<const Gpu> gpu_of(const FakeDriver& driver) { return Nvml::open(driver.path()).device(0).value.value(); }

bool tells(const Covariates& covariates, const std::string& part) {
  return std::any_of(covariates.absent.begin(), covariates.absent.end(),
                     [&](const auto& sentence) { return sentence.find(part) != std::string::npos; });
}

TEST(Sampler, SummarizesWhatTheGpuDid) {
  const FakeDriver driver;
  driver->processes = 2;
  driver->own_pid = static_cast<unsigned>(::getpid());
  Sampler sampler({.period = 1ms, .gpu = gpu_of(driver)});
  while (driver->clock_calls < 30) std::this_thread::yield();
  driver->corrected += 2;
  driver->uncorrected += 1;
  driver->xids_waiting = 1;
  driver->reasons = kReasonHwSlowdown;
  const Covariates covariates = sampler.finish();
  ASSERT_TRUE(covariates.gpu);
  const GpuCovariates& gpu = *covariates.gpu;
  EXPECT_EQ(gpu.uuid, "GPU-00000000-aaaa");
  EXPECT_GE(gpu.samples, 30);
  EXPECT_EQ(gpu.min_sm_clock_hz, 1500e6);
  EXPECT_EQ(gpu.max_sm_clock_hz, 1700e6);
  EXPECT_NEAR(gpu.mean_sm_clock_hz.value_or(0), 1600e6, 100e6 / 30) << "samples that complete no round of three";
  EXPECT_EQ(gpu.mean_memory_clock_hz, 2619e6);
  EXPECT_DOUBLE_EQ(gpu.mean_power_w.value_or(0), 688);
  EXPECT_DOUBLE_EQ(gpu.power_limit_w.value_or(0), 700);
  EXPECT_EQ(gpu.max_temperature_c, 60);
  EXPECT_EQ(gpu.event_reasons, kReasonSwPowerCap | kReasonHwSlowdown);
  EXPECT_EQ(gpu.foreign_processes, std::vector<std::int64_t>{4243});
  EXPECT_EQ(gpu.new_ecc_corrected, 2);
  EXPECT_EQ(gpu.new_ecc_uncorrected, 1);
  EXPECT_EQ(gpu.xids, std::vector<std::int64_t>{79});
  EXPECT_EQ(driver->event_sets, 1) << "until the sampler goes";
}

TEST(Sampler, ShortestVisitHasBothItsEnds) {
  const FakeDriver driver;
  Sampler sampler({.period = 1h, .gpu = gpu_of(driver)});
  const Covariates covariates = sampler.finish();
  EXPECT_EQ(covariates.gpu.value().samples, 2);
  EXPECT_GE(covariates.elapsed_s, 0);
  EXPECT_GE(covariates.longest_gap_s, 0);
  EXPECT_LE(covariates.longest_gap_s, covariates.elapsed_s);
}

TEST(Sampler, LostGpuLeavesSentencesAndNoFigures) {
  const FakeDriver driver;
  const auto gpu = gpu_of(driver);
  driver->status = nvml::kGpuIsLost;
  Sampler sampler({.gpu = gpu});
  const Covariates covariates = sampler.finish();
  ASSERT_TRUE(covariates.gpu);
  EXPECT_FALSE(covariates.gpu->mean_sm_clock_hz);
  EXPECT_FALSE(covariates.gpu->event_reasons);
  EXPECT_FALSE(covariates.gpu->new_ecc_corrected);
  EXPECT_TRUE(tells(covariates, "SM clock: GPU is lost"));
  EXPECT_TRUE(tells(covariates, "Xid events: GPU is lost"));
  EXPECT_EQ(std::count(covariates.absent.begin(), covariates.absent.end(), "SM clock: GPU is lost (NVML error 15)"), 1) << "told once";
}

TEST(Sampler, WithoutAGpuOrFilesEverythingIsAbsentWithItsReason) {
  const testing::TemporaryFolder root;
  Sampler sampler({.root = root.path()});
  const Covariates covariates = sampler.finish();
  EXPECT_FALSE(covariates.gpu);
  EXPECT_FALSE(covariates.cpu.mean_clock_hz);
  EXPECT_FALSE(covariates.cpu.foreign_share);
  EXPECT_FALSE(covariates.cpu.involuntary_switches);
  EXPECT_FALSE(covariates.cpu.cycles);
  for (const char* part : {"shares of CPU time", "CPU clock", "CPU temperature", "cycles and instructions"})
    EXPECT_TRUE(tells(covariates, part)) << part;
}

TEST(Sampler, ReadsTheCpusFiles) {
  const testing::TemporaryFolder root;
  const auto put = [&](const std::string& file, const std::string& text) {
    std::filesystem::create_directories((root.path() / file).parent_path());
    std::ofstream(root.path() / file) << text;
  };
  const std::string own = "proc/" + std::to_string(::getpid());
  const auto put_all = [&](int user, int idle, int ticks, int switches) {
    put("proc/stat", "cpu " + std::to_string(user) + " 0 0 " + std::to_string(idle) + "\n");
    put(own + "/stat", "1 (x) S 0 1 1 0 -1 4 1 2 3 4 " + std::to_string(ticks) + " 0 0 0\n");
    put(own + "/task/1/status", "nonvoluntary_ctxt_switches: " + std::to_string(switches) + "\n");
  };
  put("proc/loadavg", "1.5 1 1 1/1 1\n");
  put("proc/cpuinfo", "cpu MHz : 2500\n");
  put("sys/class/thermal/thermal_zone0/temp", "40000\n");
  put_all(1000, 1000, 100, 5);
  Sampler sampler({.period = 1h, .root = root.path()});
  put_all(1150, 1050, 200, 9);
  const CpuCovariates cpu = sampler.finish().cpu;
  EXPECT_DOUBLE_EQ(cpu.own_share.value_or(0), 0.5);
  EXPECT_DOUBLE_EQ(cpu.foreign_share.value_or(0), 0.25);
  EXPECT_EQ(cpu.involuntary_switches, 4);
  EXPECT_EQ(cpu.load_average, 1.5);
  EXPECT_EQ(cpu.mean_clock_hz, 2500e6);
  EXPECT_EQ(cpu.max_temperature_c, 40);
}

TEST(Sampler, MayBeDroppedUnfinishedAndFinishesOnce) {
  { const Sampler dropped({.period = 1h}); }
  Sampler sampler({});
  sampler.finish();
  EXPECT_THROW(sampler.finish(), CheckError);
}

}  // namespace
}  // namespace wan::machine
