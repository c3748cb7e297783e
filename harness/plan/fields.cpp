#include "harness/plan/fields.h"

#include <algorithm>
#include <cmath>

namespace wan::plan {

bool is_positive(double value) { return value > 0; }

bool is_frame_count(double value) { return value == 0 || std::fmod(value, 4) == 1; }

bool is_identifier(std::string_view text) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  return !text.empty() && std::all_of(text.begin(), text.end(), allowed);
}

bool is_solver(std::string_view text) { return text.empty() || text == "unipc" || text == "dpm++" || text == "euler"; }
bool is_precision(std::string_view text) { return text == "bfloat16" || text == "float32"; }
bool is_reference(std::string_view text) { return text == "auto" || text == "official" || text == "diffusers"; }
bool is_noise_source(std::string_view text) { return text == "cpu" || text == "cuda"; }

bool is_device(std::string_view text) {
  if (text == "cpu" || text == "cuda") return true;
  if (text.substr(0, 5) != "cuda:") return false;
  const std::string_view index = text.substr(5);
  return !index.empty() && index.size() <= 3 && std::all_of(index.begin(), index.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_devices(std::string_view text) {
  const auto comma = text.find(',');
  if (comma == std::string_view::npos) return is_device(text);
  return is_device(text.substr(0, comma)) && is_devices(text.substr(comma + 1));
}

bool is_not_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") != std::string_view::npos; }

}  // namespace wan::plan
