#include "harness/store/environment.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/harness/temporary_folder.h"

namespace wan::store {
namespace {

void put(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

void make_machine(const std::filesystem::path& root, const std::string& load) {
  put(root / "proc/cpuinfo", "processor\t: 0\nmodel name\t: Some CPU @ 3 GHz\n\nprocessor\t: 1\nmodel name\t: Some CPU @ 3 GHz\n");
  put(root / "proc/meminfo", "MemTotal:        8000000 kB\nMemFree:  1 kB\n");
  put(root / "proc/loadavg", load + " 0.1 0.2 1/100 1234\n");
  put(root / "etc/os-release", "NAME=\"Debian\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n");
}

TEST(Environment, ReadsTheMachine) {
  const testing::TemporaryFolder root;
  make_machine(root.path(), "0.10");
  const Environment environment = describe_environment("cpu", root.path());
  EXPECT_EQ(environment.cpu, "Some CPU @ 3 GHz");
  EXPECT_EQ(environment.device_name, "Some CPU @ 3 GHz");
  EXPECT_EQ(environment.cores, 2);
  EXPECT_EQ(environment.memory_bytes, 8000000LL * 1024);
  EXPECT_EQ(environment.host_os, "Debian GNU/Linux 12 (bookworm)");
  EXPECT_TRUE(environment.warnings.empty());
  EXPECT_FALSE(environment.build_id.empty());
  EXPECT_EQ(environment.started_at.size(), 20u);
  EXPECT_TRUE(describe_environment("cuda:0", root.path()).device_name.empty()) << "the engine names the GPU";
}

TEST(Environment, WarnsOfLoadAndGovernor) {
  const testing::TemporaryFolder root;
  make_machine(root.path(), "1.50");
  put(root.path() / "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n");
  const auto warnings = measurement_warnings(root.path());
  ASSERT_EQ(warnings.size(), 2u);
  EXPECT_NE(warnings[0].find("1.50 on 2 cores"), std::string::npos);
  EXPECT_NE(warnings[1].find("powersave"), std::string::npos);
  put(root.path() / "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n");
  EXPECT_EQ(measurement_warnings(root.path()).size(), 1u);
}

TEST(Environment, AbsentFilesLeaveFieldsEmpty) {
  const testing::TemporaryFolder root;
  const Environment environment = describe_environment("cpu", root.path());
  EXPECT_EQ(environment.cores, 0);
  EXPECT_TRUE(environment.cpu.empty());
  EXPECT_TRUE(environment.warnings.empty());
}

}  // namespace
}  // namespace wan::store
