#include "harness/machine/proc_text.h"

#include <gtest/gtest.h>

namespace wan::machine {
namespace {

TEST(ProcText, CountsAreDigitsAlone) {
  EXPECT_EQ(parse_count("42"), 42u);
  EXPECT_EQ(parse_count(" 42\n"), 42u);
  EXPECT_EQ(parse_count("18446744073709551615"), ~std::uint64_t{0});
  for (const char* bad : {"", " ", "-1", "+1", "4x", "x4", "0x4", "4 2", "4.0", "18446744073709551616"})
    EXPECT_FALSE(parse_count(bad)) << bad;
}

TEST(ProcText, NumbersAreFinite) {
  EXPECT_EQ(parse_number("2.5e3\n"), 2500.0);
  EXPECT_EQ(parse_number("-1"), -1.0);
  for (const char* bad : {"", "inf", "nan", "1e999", "1,5", "1 2", "one"}) EXPECT_FALSE(parse_number(bad)) << bad;
}

TEST(ProcText, CpuTimesAreTheFirstLine) {
  const auto times = parse_cpu_times("cpu  100 20 30 400 50 6 7 8 90 10\ncpu0 1 2 3 4\nintr 5\n");
  ASSERT_TRUE(times);
  EXPECT_EQ(times->total, 621u) << "without the guests' columns, which are in user already";
  EXPECT_EQ(times->busy, 171u) << "without idle and waiting; what a hypervisor took is work of others";
  const auto old = parse_cpu_times("cpu 1 2 3 4");
  ASSERT_TRUE(old) << "a kernel with four columns";
  EXPECT_EQ(old->total, 10u);
  EXPECT_EQ(old->busy, 6u);
  for (const char* bad : {"", "cpu", "cpu 1 2 3", "cpu0 1 2 3 4", "cpu 1 2 x 4", "cpu -1 2 3 4", "intr 1 2 3 4\ncpu 1 2 3 4"})
    EXPECT_FALSE(parse_cpu_times(bad)) << bad;
}

TEST(ProcText, ProcessTimesSurviveAnyProgramName) {
  const std::string rest = " S 7 1 1 0 -1 4194560 1 2 3 4 100 20 30 4 20 0 5 0 123 456";
  for (const char* name : {"bash", "a b", ") S 1 (", "((", ""}) {
    const auto times = parse_process_times("42 (" + std::string(name) + ")" + rest);
    ASSERT_TRUE(times) << name;
    EXPECT_EQ(times->parent, 7) << name;
    EXPECT_EQ(times->ticks, 154u) << name;
  }
  for (const std::string& bad :
       {std::string(), std::string("42"), std::string("42 (x)"), std::string("42 (x) S 7 1"), "42 (x)" + rest.substr(0, rest.find(" 30")),
        std::string("42 (x) S -7 1 1 0 -1 4 1 2 3 4 1 2 3 4"), std::string("42 (x) S 99999999999 1 1 0 -1 4 1 2 3 4 1 2 3 4"),
        std::string("42 (x) S 7 1 1 0 -1 4 1 2 3 4 one 2 3 4")})
    EXPECT_FALSE(parse_process_times(bad)) << bad;
}

TEST(ProcText, LoadAverageIsTheFirstField) {
  EXPECT_EQ(parse_load_average("0.75 0.5 0.25 1/100 1234\n"), 0.75);
  for (const char* bad : {"", "x 0.5", "-1 0.5", "nan"}) EXPECT_FALSE(parse_load_average(bad)) << bad;
}

TEST(ProcText, ClockIsTheMeanOverCores) {
  EXPECT_EQ(parse_mean_clock_hz("processor : 0\ncpu MHz\t\t: 2000.5\n\nprocessor : 1\ncpu MHz\t\t: 2999.5\n"), 2500e6);
  EXPECT_EQ(parse_mean_clock_hz("cpu MHz : 0.000\ncpu MHz : ?\ncpu MHz : 1000"), 1000e6) << "what is none is left out";
  EXPECT_FALSE(parse_mean_clock_hz("processor : 0\nBogoMIPS : 50\n"));
  EXPECT_FALSE(parse_mean_clock_hz(""));
}

TEST(ProcText, ValuesByKey) {
  const std::string text = "Name:\tx:y\nnonvoluntary_ctxt_switches:\t17\nempty:\nno colon\nName: second";
  EXPECT_EQ(value_of(text, "nonvoluntary_ctxt_switches"), "17");
  EXPECT_EQ(value_of(text, "Name"), "x:y");
  EXPECT_EQ(value_of(text, "empty"), "");
  EXPECT_EQ(value_of(text, "no colon"), "");
  EXPECT_EQ(value_of("", "Name"), "");
}

}  // namespace
}  // namespace wan::machine
