#include "harness/machine/nvml.h"

#include <gtest/gtest.h>

#include "harness/machine/covariates.h"
#include "harness/machine/nvml_api.h"
#include "tests/support/harness/fake_driver.h"

namespace wan::machine {
namespace {

using testing::FakeDriver;

TEST(Nvml, ReadsEveryField) {
  const FakeDriver driver;
  const Nvml nvml = Nvml::open(driver.path());
  ASSERT_EQ(nvml.problem(), "");
  EXPECT_EQ(nvml.driver_version().value, "580.95.05");
  EXPECT_EQ(nvml.cuda_version().value, "13.0");
  EXPECT_EQ(nvml.device_count().value, 1);
  const auto device = nvml.device(0);
  ASSERT_TRUE(device.value) << device.absent;
  const Gpu& gpu = **device.value;
  EXPECT_EQ(gpu.name().value, "NVIDIA Fake 100");
  EXPECT_EQ(gpu.uuid().value, "GPU-00000000-aaaa");
  EXPECT_EQ(gpu.sm_clock_hz().value, 1500e6);
  EXPECT_EQ(gpu.sm_clock_hz().value, 1600e6);
  EXPECT_EQ(gpu.memory_clock_hz().value, 2619e6);
  EXPECT_EQ(gpu.max_sm_clock_hz().value, 1980e6);
  EXPECT_EQ(gpu.max_memory_clock_hz().value, 2619e6);
  EXPECT_DOUBLE_EQ(gpu.power_w().value.value_or(0), 688);
  EXPECT_DOUBLE_EQ(gpu.power_limit_w().value.value_or(0), 700);
  EXPECT_EQ(gpu.temperature_c().value, 60);
  EXPECT_EQ(gpu.event_reasons().value, kReasonSwPowerCap);
  EXPECT_EQ(gpu.ecc_enabled().value, true);
  ASSERT_TRUE(gpu.ecc_errors().value);
  EXPECT_EQ(gpu.ecc_errors().value->corrected, 7);
  EXPECT_EQ(gpu.ecc_errors().value->uncorrected, 0);
  EXPECT_EQ(gpu.mig_enabled().value, false);
  EXPECT_EQ(gpu.persistent().value, true);
  ASSERT_TRUE(gpu.memory().value);
  EXPECT_EQ(gpu.memory().value->total_bytes, std::int64_t{80} << 30);
  EXPECT_EQ(gpu.memory().value->used_bytes, std::int64_t{1} << 30);
  EXPECT_TRUE(gpu.processes().value->empty());
}

TEST(Nvml, ListsMoreProcessesThanItFirstHasRoomFor) {
  const FakeDriver driver;
  driver->processes = 300;
  const auto gpu = Nvml::open(driver.path()).device(0);
  ASSERT_TRUE(gpu.value);
  const auto processes = (*gpu.value)->processes();
  ASSERT_TRUE(processes.value) << processes.absent;
  ASSERT_EQ(processes.value->size(), 300u);
  EXPECT_EQ(processes.value->back().pid, 4242 + 299);
  EXPECT_EQ(processes.value->back().bytes, std::int64_t{1} << 30);
}

TEST(Nvml, FindsDevicesByIndexAndByUuid) {
  const FakeDriver driver;
  driver->devices = 2;
  const Nvml nvml = Nvml::open(driver.path());
  const auto second = nvml.device("GPU-11111111-bbbb");
  ASSERT_TRUE(second.value) << second.absent;
  EXPECT_EQ((*second.value)->uuid().value, (*nvml.device(1).value)->uuid().value);
  EXPECT_NE(nvml.device("GPU-2").absent.find("GPU GPU-2: NVML error 6"), std::string::npos) << nvml.device("GPU-2").absent;
  EXPECT_FALSE(nvml.device(2).value);
  EXPECT_FALSE(nvml.device(-1).value);
}

TEST(Nvml, NoDeviceIsACountOfZero) {
  const FakeDriver driver;
  driver->devices = 0;
  const Nvml nvml = Nvml::open(driver.path());
  EXPECT_EQ(nvml.problem(), "");
  EXPECT_EQ(nvml.device_count().value, 0);
  EXPECT_FALSE(nvml.device(0).value);
}

TEST(Nvml, ShutsDownWhenTheLastDeviceGoes) {
  const FakeDriver driver;
  {
    const auto gpu = Nvml::open(driver.path()).device(0);
    ASSERT_TRUE(gpu.value);
    EXPECT_EQ(driver->initialized, 1);
    EXPECT_TRUE((*gpu.value)->name().value) << "the library is open for as long as a device is held";
  }
  EXPECT_EQ(driver->initialized, 0);
}

TEST(Nvml, MissingLibraryIsOneSentence) {
  const Nvml nvml = Nvml::open("libthere-is-none.so.1");
  EXPECT_EQ(nvml.problem(), "no NVIDIA driver here: libthere-is-none.so.1 cannot be opened");
  EXPECT_EQ(nvml.driver_version().absent, nvml.problem());
  EXPECT_EQ(nvml.cuda_version().absent, nvml.problem());
  EXPECT_EQ(nvml.device_count().absent, nvml.problem());
  EXPECT_EQ(nvml.device(0).absent, nvml.problem());
  EXPECT_EQ(nvml.device("GPU-0").absent, nvml.problem());
}

TEST(Nvml, AnotherLibraryIsRefused) {
  EXPECT_NE(Nvml::open(testing::another_library()).problem().find("lacks functions of NVML"), std::string::npos);
}

TEST(Nvml, LibraryWithoutADriverIsOneSentence) {
  const FakeDriver driver;
  driver->init_status = nvml::kDriverNotLoaded;
  const Nvml nvml = Nvml::open(driver.path());
  EXPECT_EQ(nvml.problem(), "the NVIDIA driver does not answer: Driver Not Loaded (NVML error 9)");
  EXPECT_EQ(driver->initialized, 0) << "what was not opened is not shut down";
}

TEST(Nvml, OldDriverLacksFunctionsAndKeepsTheOthers) {
  const FakeDriver driver(FakeDriver::Age::old);
  const Nvml nvml = Nvml::open(driver.path());
  ASSERT_EQ(nvml.problem(), "");
  EXPECT_EQ(nvml.cuda_version().absent, "CUDA version: this driver has no such function");
  const auto device = nvml.device(0);
  ASSERT_TRUE(device.value) << device.absent;
  const Gpu& gpu = **device.value;
  EXPECT_TRUE(gpu.name().value);
  EXPECT_EQ(gpu.event_reasons().value, kReasonSwPowerCap) << "under its name before driver 535";
  EXPECT_EQ(gpu.power_limit_w().absent, "power limit: this driver has no such function");
  EXPECT_EQ(gpu.processes().absent, "processes: this driver has no such function");
  for (const std::string& absent :
       {gpu.ecc_enabled().absent, gpu.mig_enabled().absent, gpu.persistent().absent, gpu.memory().absent, gpu.watch_xids().absent})
    EXPECT_NE(absent.find("this driver has no such function"), std::string::npos) << absent;
}

TEST(Nvml, ErrorOfADeviceIsTheReasonOfEachField) {
  const FakeDriver driver;
  const auto device = Nvml::open(driver.path()).device(0);
  ASSERT_TRUE(device.value);
  const Gpu& gpu = **device.value;
  driver->status = nvml::kGpuIsLost;
  EXPECT_EQ(gpu.sm_clock_hz().absent, "SM clock: GPU is lost (NVML error 15)");
  for (const std::string& absent :
       {gpu.memory_clock_hz().absent, gpu.max_sm_clock_hz().absent, gpu.power_w().absent, gpu.power_limit_w().absent,
        gpu.temperature_c().absent, gpu.event_reasons().absent, gpu.ecc_enabled().absent, gpu.ecc_errors().absent, gpu.mig_enabled().absent,
        gpu.persistent().absent, gpu.memory().absent, gpu.processes().absent, gpu.watch_xids().absent})
    EXPECT_NE(absent.find("GPU is lost"), std::string::npos) << absent;
  EXPECT_EQ(driver->event_sets, 0) << "a set that could not be used is freed";
  driver->status = nvml::kNotSupported;
  EXPECT_EQ(gpu.mig_enabled().value, false) << "a GPU that cannot be cut";
  EXPECT_EQ(gpu.temperature_c().absent, "temperature: NVML error 3") << "without a text for it";
}

TEST(Nvml, XidsAreThoseSinceTheLastPoll) {
  const FakeDriver driver;
  const auto gpu = Nvml::open(driver.path()).device(0);
  {
    const auto watch = (*gpu.value)->watch_xids();
    ASSERT_TRUE(watch.value) << watch.absent;
    EXPECT_EQ(driver->event_sets, 1);
    EXPECT_TRUE((*watch.value)->poll().empty());
    driver->xids_waiting = 2;
    EXPECT_EQ((*watch.value)->poll(), (std::vector<std::int64_t>{79, 79}));
    EXPECT_TRUE((*watch.value)->poll().empty());
  }
  EXPECT_EQ(driver->event_sets, 0);
}

}  // namespace
}  // namespace wan::machine
