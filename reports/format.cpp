#include "reports/format.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace wan::reports {
namespace {

constexpr const char* kAbsent = "–";

std::string not_finite(double value) {
  if (std::isnan(value)) return "nan";
  return value > 0 ? "inf" : "-inf";
}

}  // namespace

std::string format_number(double value, int decimals) {
  if (!std::isfinite(value)) return not_finite(value);
  std::string text = fmt::format("{:.{}f}", value, decimals);
  // "-0.00" is a rounding artefact, not a sign.
  if (text.starts_with('-') && text.find_first_not_of("-0.") == std::string::npos) text.erase(0, 1);
  return text;
}

std::string format_significant(double value, int digits) {
  if (!std::isfinite(value)) return not_finite(value);
  if (value == 0) return "0";
  const double magnitude = std::abs(value);
  if (magnitude < 1e-4 || magnitude >= 1e6) return fmt::format("{:.{}e}", value, digits - 1);
  // The exponent after rounding: 0.9996 to three digits is 1.00.
  const double scale = std::pow(10, digits - 1 - std::floor(std::log10(magnitude)));
  const int exponent = static_cast<int>(std::floor(std::log10(std::round(magnitude * scale) / scale) + 1e-12));
  return format_number(value, std::max(0, digits - 1 - exponent));
}

std::string format_score(double score) {
  constexpr double kSmallest = 1e-3;  // below it four decimals have fewer than two digits left
  return score != 0 && std::abs(score) < kSmallest ? format_significant(score, 2) : format_number(score, 4);
}

std::string format_duration(double elapsed_s) {
  if (!std::isfinite(elapsed_s)) return not_finite(elapsed_s);
  if (elapsed_s == 0) return "0 s";
  if (elapsed_s < 0) return "-" + format_duration(-elapsed_s);
  if (elapsed_s < 1e-3) return format_significant(elapsed_s * 1e6, 3) + " µs";
  if (elapsed_s < 1) return format_significant(elapsed_s * 1e3, 3) + " ms";
  if (elapsed_s < 59.95) return format_significant(elapsed_s, 3) + " s";
  const auto seconds = static_cast<std::int64_t>(std::llround(elapsed_s));
  if (seconds < 3600) return fmt::format("{} min {:02} s", seconds / 60, seconds % 60);
  const std::int64_t minutes = (seconds + 30) / 60;
  return fmt::format("{} h {:02} min", minutes / 60, minutes % 60);
}

std::string format_bytes(std::int64_t bytes) {
  static constexpr std::array kUnits{"B", "kB", "MB", "GB", "TB"};
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (std::abs(value) >= 999.5 && unit + 1 < kUnits.size()) {
    value /= 1000;
    ++unit;
  }
  if (unit == 0) return fmt::format("{} B", bytes);
  return fmt::format("{} {}", format_significant(value, 3), kUnits[unit]);
}

std::string format_ratio(double ratio) { return format_number(ratio, 2) + "×"; }

std::string format_share(double share) { return format_number(share * 100, 1) + " %"; }

std::string count_of(std::size_t n, std::string_view thing) { return fmt::format("{} {}{}", n, thing, n == 1 ? "" : "s"); }

std::string format_figure(std::string_view name, double value) {
  if (name.starts_with("psnr")) return std::isfinite(value) ? format_number(value, 2) + " dB" : format_number(value, 2);
  if (name.ends_with("_share")) return format_share(value);
  if (name.ends_with("speedup") || name.ends_with("_ratio")) return format_ratio(value);
  if (name == "crashes" || name == "out_of_memory" || name.ends_with("_clips")) return format_number(value, 0);
  if (name.ends_with("_bytes")) return format_bytes(static_cast<std::int64_t>(value));
  if (name.ends_with("_s")) return format_duration(value);
  if (name == "mse" || name.starts_with("mse.")) return format_significant(value, 3);
  return format_score(value);
}

std::string format_figure(std::string_view name, std::optional<double> value) { return value ? format_figure(name, *value) : kAbsent; }

std::string figure_label(std::string_view name) {
  struct Label {
    std::string_view name, label;
  };
  static constexpr std::array kLabels{
      Label{"ssim.ipol", "SSIM"},
      Label{"lpips.alex", "LPIPS"},
      Label{"psnr.pooled", "PSNR"},
      Label{"psnr", "PSNR"},
      Label{"mse", "MSE"},
      Label{"speedup", "speed-up"},
      Label{"clip_s", "time of a clip"},
      Label{"loop_speedup", "speed-up of the denoising loop"},
      Label{"loop_s", "predicted time of the denoising loop"},
      Label{"artifact_share", "clips with artifacts"},
      Label{"1-ssim.ipol", "1 − SSIM"},
      Label{"crashes", "crashes"},
      Label{"out_of_memory", "out of memory"},
      Label{"nonfinite_clips", "clips with NaN or Inf"},
      Label{"min_speedup", "required speed-up"},
      Label{"claimed_speedup", "claimed speed-up"},
      Label{"clips", "clips"},
      Label{"baseline", "baseline"},
      Label{"teacher_forced.relative_l2", "teacher-forced error per step"},
  };
  for (const auto& label : kLabels)
    if (label.name == name) return std::string(label.label);
  return std::string(name);
}

std::string outcome_id(gate::Outcome outcome) { return gate::to_string(outcome); }

std::string outcome_word(gate::Outcome outcome) {
  std::string word = gate::to_string(outcome);
  for (char& letter : word)
    if (letter == '_') letter = ' ';
  return word;
}

std::string outcome_icon(gate::Outcome outcome) {
  switch (outcome) {
    case gate::Outcome::held:
      return "✓";
    case gate::Outcome::failed:
      return "✗";
    case gate::Outcome::rejected:
      return "⊘";
    case gate::Outcome::inconclusive:
      return "?";
    case gate::Outcome::invalid:
      return "!";
    case gate::Outcome::not_measured:
      return "·";
    case gate::Outcome::not_claimed:
      return "–";
  }
  return "·";
}

// Overlong forms, surrogates and what lies beyond U+10FFFF are not well formed (Unicode, table 3-7).
std::size_t utf8_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t offset) -> unsigned {
    return at + offset < text.size() ? static_cast<unsigned char>(text[at + offset]) : 0U;
  };
  const auto follows = [&](std::size_t offset) { return (byte(offset) & 0xC0U) == 0x80U; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    if (!follows(1) || !follows(2)) return 0;
    const bool overlong = first == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = first == 0xED && byte(1) > 0x9F;
    return overlong || surrogate ? 0 : 3;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    if (!follows(1) || !follows(2) || !follows(3)) return 0;
    const bool outside = (first == 0xF0 && byte(1) < 0x90) || (first == 0xF4 && byte(1) > 0x8F);
    return outside ? 0 : 4;
  }
  return 0;
}

std::size_t display_width(std::string_view utf8) {
  std::size_t columns = 0;
  for (const char byte : utf8)
    if ((static_cast<unsigned char>(byte) & 0xC0U) != 0x80U) ++columns;  // continuation bytes take no column
  return columns;
}

std::string cut(std::string_view utf8, std::size_t width) {
  if (display_width(utf8) <= width) return std::string(utf8);
  std::size_t end = 0;
  for (std::size_t columns = 0; end < utf8.size(); ++end) {
    const bool starts_character = (static_cast<unsigned char>(utf8[end]) & 0xC0U) != 0x80U;
    if (starts_character && ++columns == width) break;
  }
  return std::string(utf8.substr(0, end)) + "…";
}

std::string one_line(std::string_view text) {
  std::string line;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_length(text, at);
    const std::string_view character = text.substr(at, length == 0 ? 1 : length);
    at += character.size();
    const auto first = static_cast<unsigned char>(character.front());
    const bool c1_control = first == 0xC2 && length == 2 && static_cast<unsigned char>(character[1]) < 0xA0;
    if (length == 0) {
      line += kReplacement;
    } else if (first >= 0x20 && first != 0x7f && !c1_control) {
      line += character;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  while (line.ends_with(' ')) line.pop_back();
  return line;
}

}  // namespace wan::reports
