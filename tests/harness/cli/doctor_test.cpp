#include "harness/cli/doctor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "harness/machine/covariates.h"
#include "harness/machine/nvml_api.h"
#include "tests/support/harness/fake_driver.h"
#include "tests/support/harness/temporary_folder.h"

namespace wan::cli {
namespace {

using ::testing::HasSubstr;
using wan::testing::FakeDriver;

Finding finding_of(const std::vector<NamedFinding>& findings, const std::string& check) {
  for (const auto& named : findings)
    if (named.check == check) return named.finding;
  ADD_FAILURE() << check << " was not examined";
  return {};
}

double figure_of(const Finding& finding, const std::string& name) {
  for (const auto& figure : finding.figures)
    if (figure.name == name) return figure.value;
  ADD_FAILURE() << "no figure " << name;
  return 0;
}

TEST(Doctor, FindingsAsJsonCanBeReadBack) {
  const std::vector<NamedFinding> findings{
      {.check = "disk", .finding = {.detail = "a \"quote\"\nand a line", .figures = {{.name = "free_bytes", .value = 2.5e9}}}},
      {.check = "load", .finding = {.health = Health::warning, .detail = "busy", .advice = "wait"}}};
  const auto json = nlohmann::json::parse(to_json(findings));
  EXPECT_EQ(json["schema"], 1);
  EXPECT_EQ(json["sound"], true);
  ASSERT_EQ(json["findings"].size(), 2u);
  EXPECT_EQ(json["findings"][0]["check"], "disk");
  EXPECT_EQ(json["findings"][0]["health"], "ok");
  EXPECT_EQ(json["findings"][0]["detail"], "a \"quote\"\nand a line");
  EXPECT_EQ(json["findings"][0]["figures"]["free_bytes"], 2.5e9);
  EXPECT_EQ(json["findings"][1]["health"], "warning");
  EXPECT_EQ(json["findings"][1]["advice"], "wait");
  EXPECT_TRUE(json["findings"][1]["figures"].empty());
  EXPECT_EQ(nlohmann::json::parse(to_json({}))["findings"].size(), 0u);
}

TEST(Doctor, OnlyAFaultIsUnsound) {
  std::vector<NamedFinding> findings{{.check = "load", .finding = {.health = Health::warning, .detail = "busy", .advice = "wait"}}};
  EXPECT_TRUE(is_sound(findings));
  findings.push_back({.check = "CUDA", .finding = {.health = Health::fault, .detail = "none"}});
  EXPECT_FALSE(is_sound(findings));
  const auto json = nlohmann::json::parse(to_json(findings));
  EXPECT_EQ(json["sound"], false);
  EXPECT_EQ(json["findings"][1]["health"], "fault");
}

TEST(Doctor, TextHasAdviceOnALineOfItsOwn) {
  EXPECT_EQ(to_text({.check = "load", .finding = {.health = Health::warning, .detail = "busy", .advice = "wait"}}),
            "warning  load           busy\n                        -> wait\n");
  EXPECT_EQ(to_text({.check = "disk", .finding = {.detail = "fine"}}), "ok       disk           fine\n");
}

TEST(Doctor, GoodGpuIsOkThroughout) {
  const FakeDriver driver;
  const auto findings = examine_gpus(machine::Nvml::open(driver.path()), /*wanted=*/true);
  ASSERT_EQ(findings.size(), 7u);
  for (const auto& [check, finding] : findings) EXPECT_EQ(finding.health, Health::ok) << check << ": " << finding.detail;
  EXPECT_EQ(findings[0].finding.detail, "580.95.05, CUDA up to 13.0, 1 GPUs");
  EXPECT_THAT(finding_of(findings, "GPU 0").detail, HasSubstr("NVIDIA Fake 100, GPU-00000000-aaaa, 1.0 of 80.0 GiB in use"));
  const Finding clocks = finding_of(findings, "clocks 0");
  EXPECT_THAT(clocks.detail, HasSubstr("of at most 1980, memory 2619 MHz, 688 W of 700, 60 °C; not locked"));
  EXPECT_EQ(figure_of(clocks, "max_sm_clock_hz"), 1980e6);
  EXPECT_EQ(finding_of(findings, "MIG 0").detail, "off");
  EXPECT_EQ(finding_of(findings, "persistence 0").detail, "on");
  EXPECT_EQ(finding_of(findings, "processes 0").detail, "none computes on it");
}

TEST(Doctor, DisturbedGpuIsWarnedOf) {
  const FakeDriver driver;
  driver->processes = 1;
  driver->mig = 1;
  driver->persistence = 0;
  driver->uncorrected = 3;
  driver->reasons = machine::kReasonHwPowerBrake | machine::kReasonClocksSetting;
  const auto findings = examine_gpus(machine::Nvml::open(driver.path()), /*wanted=*/true);
  for (const char* check : {"clocks 0", "ECC 0", "MIG 0", "persistence 0", "processes 0"}) {
    EXPECT_EQ(finding_of(findings, check).health, Health::warning) << check;
    EXPECT_FALSE(finding_of(findings, check).advice.empty()) << check;
  }
  EXPECT_THAT(finding_of(findings, "clocks 0").detail, HasSubstr("held by a setting (locked); held back now: power brake"));
  EXPECT_THAT(finding_of(findings, "processes 0").detail, HasSubstr("4242 (1.0 GiB)"));
  EXPECT_EQ(figure_of(finding_of(findings, "ECC 0"), "ecc_uncorrected"), 3);
  EXPECT_TRUE(is_sound(findings));
  driver->ecc_mode = 0;
  EXPECT_EQ(finding_of(examine_gpus(machine::Nvml::open(driver.path()), true), "ECC 0").detail, "off");
}

TEST(Doctor, AbsentGpuIsAFaultOnlyWhereOneIsWanted) {
  const FakeDriver driver;
  driver->devices = 0;
  for (const bool wanted : {false, true}) {
    const Health expected = wanted ? Health::fault : Health::ok;
    const auto none = examine_gpus(machine::Nvml::open("libthere-is-none.so.1"), wanted);
    ASSERT_EQ(none.size(), 1u);
    EXPECT_EQ(none[0].finding.health, expected);
    EXPECT_EQ(none[0].finding.advice.empty(), !wanted);
    const auto empty = examine_gpus(machine::Nvml::open(driver.path()), wanted);
    ASSERT_EQ(empty.size(), 1u);
    EXPECT_EQ(empty[0].finding.health, expected);
  }
}

TEST(Doctor, LostGpuAndOldDriverAreTold) {
  const FakeDriver driver;
  driver->status = machine::nvml::kGpuIsLost;
  const auto lost = examine_gpus(machine::Nvml::open(driver.path()), true);
  EXPECT_EQ(finding_of(lost, "clocks 0").health, Health::warning);
  EXPECT_THAT(finding_of(lost, "clocks 0").detail, HasSubstr("GPU is lost"));
  const FakeDriver old(FakeDriver::Age::old);
  const auto findings = examine_gpus(machine::Nvml::open(old.path()), true);
  EXPECT_EQ(finding_of(findings, "clocks 0").health, Health::ok);
  EXPECT_EQ(finding_of(findings, "processes 0").health, Health::warning) << "strangers could not be seen";
}

TEST(Doctor, CountersTellTheirPermissions) {
  const wan::testing::TemporaryFolder root;
  const auto put = [&](const std::string& file, const std::string& text) {
    std::filesystem::create_directories((root.path() / file).parent_path());
    std::ofstream(root.path() / file) << text;
  };
  put("proc/sys/kernel/perf_event_paranoid", "2\n");
  put("proc/driver/nvidia/params", "RmProfilingAdminOnly: 1\n");
  const Finding finding = examine_counters(machine::Proc(root.path()));
  EXPECT_EQ(finding.health, Health::warning);
  EXPECT_EQ(figure_of(finding, "perf_event_paranoid"), 2);
  EXPECT_EQ(figure_of(finding, "gpu_counters_for_admins_only"), 1);
  EXPECT_THAT(finding.advice, HasSubstr("NVreg_RestrictProfilingToAdminUsers=0"));
}

TEST(Doctor, NoiseIsJudgedByWhatTwelveBlocksGive) {
  machine::NoiseScore score{.samples = 60, .median_s = 0.05, .deviation = 0.002, .half_width = 0.0027, .resolvable = 0.0043};
  const Finding quiet = judge_noise(score, 0.01);
  EXPECT_EQ(quiet.health, Health::ok);
  EXPECT_THAT(quiet.detail, HasSubstr("deviate by 0.20 % (median of 60 samples of 50 ms); 12 blocks of such visits give ±0.27 %"));
  EXPECT_EQ(figure_of(quiet, "resolvable_12_blocks"), 0.0043);
  score.half_width = 0.02;
  EXPECT_EQ(judge_noise(score, 0.01).health, Health::warning);
  EXPECT_EQ(judge_noise({.samples = 3, .median_s = 1}, 0.01).health, Health::warning);
}

}  // namespace
}  // namespace wan::cli
