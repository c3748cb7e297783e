// Numbers and words as a person reads them: the one place where seconds, bytes and ratios become milliseconds, gigabytes and per cent.
// Infinity is "inf" and a missing number "–" in every format.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "harness/gate/verdict.h"

namespace wan::reports {

std::string format_number(double value, int decimals);
std::string format_significant(double value, int digits);  // never in scientific notation between 1e-4 and 1e6
// 0.9992; near zero two digits, 1.6e-05: a noise floor must not look like nothing.
std::string format_score(double score);
std::string format_duration(double elapsed_s);                // 850 µs, 12.3 ms, 4.20 s, 3 min 07 s, 1 h 02 min
std::string format_bytes(std::int64_t bytes);                 // 1.30 GB
std::string format_ratio(double ratio);                       // 1.42×
std::string format_share(double share);                       // 8.3 %
std::string count_of(std::size_t n, std::string_view thing);  // 1 clip, 12 clips

// A figure of a score or criterion, by the name's own habit: psnr in dB, shares in per cent, speed-ups with ×, others with four decimals.
std::string format_figure(std::string_view name, double value);
std::string format_figure(std::string_view name, std::optional<double> value);  // "–" if absent
// What a person calls it: "SSIM" for ssim.ipol; the name itself where it is not a known one.
std::string figure_label(std::string_view name);

std::string outcome_word(gate::Outcome outcome);  // held, not measured, ...
std::string outcome_icon(gate::Outcome outcome);  // one column wide, so that colour never stands alone
std::string outcome_id(gate::Outcome outcome);    // not_measured: as in records and in the page's class names

inline constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD, in the place of what is no text

// Length in bytes of the well-formed UTF-8 character that starts at `at`; 0 if there is none.
std::size_t utf8_length(std::string_view text, std::size_t at);
// Columns that the text takes on a terminal: code points, not bytes.
std::size_t display_width(std::string_view utf8);
// At most `width` columns, the last one an ellipsis if something was cut.
std::string cut(std::string_view utf8, std::size_t width);
// Control characters and line breaks become spaces, invalid UTF-8 U+FFFD: a message from elsewhere must not steer a terminal or break a
// table.
std::string one_line(std::string_view text);

std::string join(const auto& words, std::string_view separator) {
  std::string all;
  for (const auto& word : words) {
    if (!all.empty()) all += separator;
    all += word;
  }
  return all;
}

}  // namespace wan::reports
