#include "reports/format.h"

#include <gtest/gtest.h>

#include <limits>

namespace wan::reports {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

TEST(Format, InfinityAndNanAreWords) {
  EXPECT_EQ(format_number(kInf, 2), "inf");
  EXPECT_EQ(format_number(-kInf, 2), "-inf");
  EXPECT_EQ(format_significant(kInf, 3), "inf");
  EXPECT_EQ(format_duration(std::numeric_limits<double>::quiet_NaN()), "nan");
  EXPECT_EQ(format_figure("psnr.pooled", kInf), "inf");
  EXPECT_EQ(format_figure("ssim.ipol", std::optional<double>{}), "–");
}

TEST(Format, RoundingNeverGivesNegativeZero) {
  EXPECT_EQ(format_number(-0.001, 2), "0.00");
  EXPECT_EQ(format_number(-0.006, 2), "-0.01");
}

TEST(Format, DurationsChangeUnitWhereAPersonWould) {
  EXPECT_EQ(format_duration(0), "0 s");
  EXPECT_EQ(format_duration(0.00085), "850 µs");
  EXPECT_EQ(format_duration(0.01234), "12.3 ms");
  EXPECT_EQ(format_duration(4.2), "4.20 s");
  EXPECT_EQ(format_duration(59.94), "59.9 s");
  EXPECT_EQ(format_duration(59.96), "1 min 00 s");
  EXPECT_EQ(format_duration(187.4), "3 min 07 s");
  EXPECT_EQ(format_duration(3720), "1 h 02 min");
  EXPECT_EQ(format_duration(-4.2), "-4.20 s");
}

TEST(Format, BytesAreDecimal) {
  EXPECT_EQ(format_bytes(0), "0 B");
  EXPECT_EQ(format_bytes(999), "999 B");
  EXPECT_EQ(format_bytes(1000), "1.00 kB");
  EXPECT_EQ(format_bytes(1'300'000'000), "1.30 GB");
  EXPECT_EQ(format_bytes(999'600), "1.00 MB");
}

TEST(Format, SignificantDigitsWithoutExponentInTheUsualRange) {
  EXPECT_EQ(format_significant(0, 3), "0");
  EXPECT_EQ(format_significant(0.00112345, 3), "0.00112");
  EXPECT_EQ(format_significant(123456, 3), "123456");
  EXPECT_EQ(format_significant(0.0000112, 3), "1.12e-05");
}

TEST(Format, SmallScoresDoNotLookLikeNothing) {
  EXPECT_EQ(format_score(0.9992), "0.9992");
  EXPECT_EQ(format_score(0), "0.0000");
  EXPECT_EQ(format_score(0.001), "0.0010");
  EXPECT_EQ(format_score(0.00042), "0.00042");
  EXPECT_EQ(format_score(0.000016), "1.6e-05");
  EXPECT_EQ(format_score(kInf), "inf");
}

TEST(Format, FiguresFollowTheirName) {
  EXPECT_EQ(format_figure("psnr.pooled", 31.172), "31.17 dB");
  EXPECT_EQ(format_figure("artifact_share", 0.0833), "8.3 %");
  EXPECT_EQ(format_figure("min_speedup", 2.0), "2.00×");
  EXPECT_EQ(format_figure("crashes", 1.0), "1");
  EXPECT_EQ(format_figure("mse", 0.00112345), "0.00112");
  EXPECT_EQ(format_figure("something.else", 0.5), "0.5000");
  EXPECT_EQ(figure_label("ssim.ipol"), "SSIM");
  EXPECT_EQ(figure_label("something.else"), "something.else");
}

TEST(Format, WidthCountsCharactersNotBytes) {
  EXPECT_EQ(display_width("× floor"), 7U);
  EXPECT_EQ(cut("abcdef", 6), "abcdef");
  EXPECT_EQ(cut("abcdef", 4), "abc…");
  EXPECT_EQ(cut("××××", 3), "××…");
}

TEST(Format, OneLineDropsWhatCouldSteerATerminal) {
  EXPECT_EQ(one_line("a\n\tb\r\n"), "a b");
  EXPECT_EQ(one_line("\x1b[31mred\x07"), "[31mred");
  EXPECT_EQ(one_line("\xC2\x9B"
                     "1m"),
            "1m");  // C1 CSI
  EXPECT_EQ(one_line("bad \xff utf8"), "bad \xEF\xBF\xBD utf8");
  EXPECT_EQ(one_line("é × 日"), "é × 日");
}

TEST(Format, EveryOutcomeHasItsOwnIconAndWord) {
  std::string icons;
  for (const auto outcome : {gate::Outcome::held, gate::Outcome::failed, gate::Outcome::rejected, gate::Outcome::inconclusive,
                             gate::Outcome::not_measured, gate::Outcome::invalid, gate::Outcome::not_claimed}) {
    EXPECT_EQ(display_width(outcome_icon(outcome)), 1U) << outcome_id(outcome);
    EXPECT_EQ(icons.find(outcome_icon(outcome)), std::string::npos) << outcome_id(outcome);
    icons += outcome_icon(outcome);
  }
  EXPECT_EQ(outcome_word(gate::Outcome::not_measured), "not measured");
  EXPECT_EQ(outcome_id(gate::Outcome::not_measured), "not_measured");
}

}  // namespace
}  // namespace wan::reports
