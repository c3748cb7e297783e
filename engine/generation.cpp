#include "engine/generation.h"

#include <array>
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
Precision parse_precision(const std::string& word) { return parse(kPrecisions, word, "dtype"); }

}  // namespace wan
