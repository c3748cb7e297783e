#include "engine/generation.h"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "engine/base/error.h"

namespace wan {
namespace {

template <typename E, std::size_t N>
const char* word_of(const std::array<std::pair<E, const char*>, N>& words, E value) {
  for (const auto& [candidate, word] : words)
    if (candidate == value) return word;
  return "?";
}

template <typename E, std::size_t N>
E parse(const std::array<std::pair<E, const char*>, N>& words, const std::string& given, const char* what) {
  std::string accepted;
  for (const auto& [value, word] : words) {
    if (given == word) return value;
    accepted += fmt::format("{}{}", accepted.empty() ? "" : ", ", word);
  }
  throw UsageError(fmt::format("{} '{}' is not known; use one of {}", what, given, accepted));
}

constexpr std::array<std::pair<Solver, const char*>, 3> kSolvers = {
    {{Solver::unipc, "unipc"}, {Solver::dpmpp, "dpm++"}, {Solver::euler, "euler"}}};
constexpr std::array<std::pair<Reference, const char*>, 3> kReferences = {
    {{Reference::automatic, "auto"}, {Reference::official, "official"}, {Reference::diffusers, "diffusers"}}};
constexpr std::array<std::pair<Precision, const char*>, 2> kPrecisions = {
    {{Precision::float32, "float32"}, {Precision::bfloat16, "bfloat16"}}};

}  // namespace

const char* to_string(Solver solver) { return word_of(kSolvers, solver); }
const char* to_string(Reference reference) { return word_of(kReferences, reference); }
const char* to_string(Precision precision) { return word_of(kPrecisions, precision); }
Solver parse_solver(const std::string& word) { return parse(kSolvers, word, "solver"); }
Reference parse_reference(const std::string& word) { return parse(kReferences, word, "reference"); }

LoraRequest parse_lora(const std::string& text) {
  LoraRequest request{.path = text};
  for (const std::string expert : {"high", "low"})
    if (request.path.starts_with(expert + ":")) {
      request.expert = expert;
      request.path.erase(0, expert.size() + 1);
      break;
    }
  // A path may hold colons itself: only a number behind the last one is a scale.
  if (const auto colon = request.path.rfind(':'); colon != std::string::npos) {
    const char *begin = request.path.c_str() + colon + 1, *end = request.path.c_str() + request.path.size();
    double scale = 0;
    if (const auto [at, error] = std::from_chars(begin, end, scale); error == std::errc{} && at == end && std::isfinite(scale)) {
      request.scale = scale;
      request.path.resize(colon);
    }
  }
  if (request.path.empty()) throw UsageError(fmt::format("--lora '{}': expected [high:|low:]PATH[:SCALE]", text));
  return request;
}

Precision parse_precision(const std::string& word) { return parse(kPrecisions, word, "dtype"); }

}  // namespace wan
