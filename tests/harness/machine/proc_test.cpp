#include "harness/machine/proc.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "tests/support/harness/temporary_folder.h"

namespace wan::machine {
namespace {

void put(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

void put_process(const std::filesystem::path& root, int process, int parent, int ticks, const std::string& switches) {
  const auto folder = root / "proc" / std::to_string(process);
  put(folder / "stat",
      std::to_string(process) + " (a b) S " + std::to_string(parent) + " 1 1 0 -1 4 1 2 3 4 " + std::to_string(ticks) + " 0 0 0 20 0 1");
  put(folder / "task" / std::to_string(process) / "status", "Name:\ta b\nnonvoluntary_ctxt_switches:\t" + switches + "\n");
}

TEST(Proc, NothingReadableIsNothingKnown) {
  const testing::TemporaryFolder root;
  const Proc proc(root.path());
  EXPECT_FALSE(proc.cpu_times());
  EXPECT_FALSE(proc.load_average());
  EXPECT_FALSE(proc.mean_clock_hz());
  EXPECT_FALSE(proc.max_temperature_c());
  EXPECT_FALSE(proc.profiling_for_admins_only());
  EXPECT_FALSE(proc.perf_event_paranoid());
  EXPECT_FALSE(proc.in_first_pid_namespace());
  const ProcessUse use = proc.use_of(std::vector<int>{1, 2});
  EXPECT_TRUE(use.processes.empty());
  EXPECT_EQ(use.ticks, 0u);
}

TEST(Proc, UseIsOfAProcessAndAllBelowIt) {
  const testing::TemporaryFolder root;
  put_process(root.path(), 1, 0, 1000, "1");
  put_process(root.path(), 10, 1, 100, "5");
  put_process(root.path(), 11, 10, 20, "6");
  put_process(root.path(), 12, 11, 3, "not a number");
  put_process(root.path(), 20, 1, 5000, "7");
  put(root.path() / "proc/10/task/13/status", "nonvoluntary_ctxt_switches: 50\n");
  put(root.path() / "proc/30/stat", "torn");
  put(root.path() / "proc/self/stat", "no number");
  const ProcessUse use = Proc(root.path()).use_of(std::vector<int>{10, 11, 99});
  EXPECT_EQ(use.processes.size(), 3u) << "once each, and none that is not there";
  EXPECT_EQ(use.ticks, 123u);
  EXPECT_EQ(use.involuntary_switches, (std::map<int, std::uint64_t>{{10, 5}, {11, 6}, {13, 50}}));
}

TEST(Proc, DifferencesAreNeverNegative) {
  const ProcessUse before{.ticks = 100, .involuntary_switches = {{1, 10}, {2, 20}, {3, 5}}};
  const ProcessUse after{.ticks = 130, .involuntary_switches = {{1, 12}, {3, 4}, {4, 7}}};
  EXPECT_EQ(ticks_between(before, after), 30u);
  EXPECT_EQ(ticks_between(after, before), 0u);
  EXPECT_EQ(switches_between(before, after), 9u) << "2 of thread 1 and 7 of the new thread; 3's id was used again";
}

TEST(Proc, ClockComesFromCpufreqFirst) {
  const testing::TemporaryFolder root;
  put(root.path() / "proc/cpuinfo", "cpu MHz : 1000\n");
  EXPECT_EQ(Proc(root.path()).mean_clock_hz(), 1000e6);
  const auto cpus = root.path() / "sys/devices/system/cpu";
  put(cpus / "cpu0/cpufreq/scaling_cur_freq", "2000000\n");
  put(cpus / "cpu1/cpufreq/scaling_cur_freq", "3000000\n");
  put(cpus / "cpu2/cpufreq/scaling_cur_freq", "<unknown>\n");
  put(cpus / "cpufreq/scaling_cur_freq", "9\n");
  EXPECT_EQ(Proc(root.path()).mean_clock_hz(), 2500e6);
}

TEST(Proc, TemperatureIsTheHottestHonestSensor) {
  const testing::TemporaryFolder root;
  put(root.path() / "sys/class/thermal/thermal_zone0/temp", "45000\n");
  put(root.path() / "sys/class/thermal/thermal_zone1/temp", "-274000\n");
  put(root.path() / "sys/class/thermal/cooling_device0/temp", "99000\n");
  put(root.path() / "sys/class/hwmon/hwmon0/temp1_input", "61500\n");
  put(root.path() / "sys/class/hwmon/hwmon0/temp2_input", "255000\n");
  put(root.path() / "sys/class/hwmon/hwmon0/temp1_max", "100000\n");
  EXPECT_EQ(Proc(root.path()).max_temperature_c(), 61.5);
}

TEST(Proc, Permissions) {
  const testing::TemporaryFolder root;
  const Proc proc(root.path());
  put(root.path() / "proc/sys/kernel/perf_event_paranoid", "-1\n");
  EXPECT_EQ(proc.perf_event_paranoid(), -1);
  put(root.path() / "proc/sys/kernel/perf_event_paranoid", "1e30\n");
  EXPECT_FALSE(proc.perf_event_paranoid());
  put(root.path() / "proc/driver/nvidia/params", "ResmanDebugLevel: 4294967295\nRmProfilingAdminOnly: 1\n");
  EXPECT_EQ(proc.profiling_for_admins_only(), true);
  put(root.path() / "proc/driver/nvidia/params", "RmProfilingAdminOnly: 0\n");
  EXPECT_EQ(proc.profiling_for_admins_only(), false);
  put(root.path() / "proc/driver/nvidia/params", "RmProfilingAdminOnly: ?\n");
  EXPECT_FALSE(proc.profiling_for_admins_only());
}

TEST(Proc, PidNamespaceIsToldByItsLink) {
  const testing::TemporaryFolder root;
  std::filesystem::create_directories(root.path() / "proc/self/ns");
  std::filesystem::create_symlink("pid:[4026531836]", root.path() / "proc/self/ns/pid");
  EXPECT_TRUE(Proc(root.path()).in_first_pid_namespace());
  std::filesystem::remove(root.path() / "proc/self/ns/pid");
  std::filesystem::create_symlink("pid:[4026532000]", root.path() / "proc/self/ns/pid");
  EXPECT_FALSE(Proc(root.path()).in_first_pid_namespace());
}

TEST(Proc, FindsItselfOnTheRealMachine) {
  const ProcessUse use = Proc().use_of(std::vector<int>{::getpid()});
  ASSERT_FALSE(use.processes.empty());
  EXPECT_EQ(use.processes.front(), ::getpid());
  EXPECT_FALSE(Proc().threads_of(::getpid()).empty());
}

}  // namespace
}  // namespace wan::machine
