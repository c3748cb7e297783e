#include <fmt/format.h>

#include <array>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <type_traits>
#include <utility>

#include "harness/run/message.h"
#include "harness/run/message_fields.h"

namespace wan::run {
namespace {

using Json = nlohmann::ordered_json;

// In the order of Message's alternatives.
constexpr std::array<const char*, std::variant_size_v<Message>> kKinds{"hello", "load",   "generate",  "replay",   "cancel", "beat",
                                                                       "step",  "loaded", "generated", "replayed", "failed"};

template <typename T>
concept Fields = requires(T& value) {
  visit_fields(value, [](const char*, auto&) {});
};

template <typename Enum>
struct Words;
template <>
struct Words<Solver> {
  static constexpr std::array kAll{Solver::unipc, Solver::dpmpp, Solver::euler};
};
template <>
struct Words<Reference> {
  static constexpr std::array kAll{Reference::automatic, Reference::official, Reference::diffusers};
};
template <>
struct Words<Precision> {
  static constexpr std::array kAll{Precision::float32, Precision::bfloat16};
};
template <>
struct Words<FailedKind> {
  static constexpr std::array kAll{FailedKind::usage,     FailedKind::check,  FailedKind::cuda, FailedKind::fatal_cuda,
                                   FailedKind::cancelled, FailedKind::memory, FailedKind::other};
};

// ---- writing

template <typename T>
requires std::integral<T> || std::same_as<T, std::string> Json encode(const T& value) { return value; }

Json encode(double value) {
  if (std::isnan(value)) return "nan";  // JSON has no word of its own for these
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return value;
}

template <typename T>
requires std::is_enum_v<T> Json encode(const T& value) { return to_string(value); }

Json encode(const Parameters& parameters) {
  Json object = Json::object();
  for (const auto& [name, value] : parameters) object[name] = std::visit([](const auto& one) { return encode(one); }, value);
  return object;
}

template <Fields T>
Json encode(const T& value);
template <typename T>
Json encode(const std::vector<T>& values);

template <typename T>
Json encode(const std::optional<T>& value) {
  return value ? encode(*value) : Json(nullptr);
}

template <typename T>
Json encode(const std::vector<T>& values) {
  Json array = Json::array();
  for (const auto& value : values) array.push_back(encode(value));
  return array;
}

template <Fields T>
Json encode(const T& value) {
  Json object = Json::object();
  visit_fields(value, [&](const char* key, const auto& field) { object[key] = encode(field); });
  return object;
}

// ---- reading

[[noreturn]] void refuse(const std::string& where, const std::string& what) { throw ProtocolError(where + ": " + what); }

void require(bool holds, const std::string& where, const char* expected, const Json& found) {
  if (!holds) refuse(where, fmt::format("expected {}, found {}", expected, found.type_name()));
}

void decode(const Json& json, const std::string& where, bool& value) {
  require(json.is_boolean(), where, "true or false", json);
  value = json.get<bool>();
}

template <std::integral T>
void decode(const Json& json, const std::string& where, T& value) {
  require(json.is_number_integer(), where, "a whole number", json);
  const bool fits = json.is_number_unsigned() ? std::in_range<T>(json.get<std::uint64_t>()) : std::in_range<T>(json.get<std::int64_t>());
  if (!fits) refuse(where, "out of range");
  value = json.get<T>();
}

void decode(const Json& json, const std::string& where, std::string& value) {
  require(json.is_string(), where, "a text", json);
  value = json.get<std::string>();
}

void decode(const Json& json, const std::string& where, double& value) {
  if (json == "inf") {
    value = std::numeric_limits<double>::infinity();
  } else if (json == "-inf") {
    value = -std::numeric_limits<double>::infinity();
  } else if (json == "nan") {
    value = std::numeric_limits<double>::quiet_NaN();
  } else {
    require(json.is_number(), where, "a number, \"inf\", \"-inf\" or \"nan\"", json);
    value = json.get<double>();
  }
}

template <typename T>
requires std::is_enum_v<T>
void decode(const Json& json, const std::string& where, T& value) {
  std::string word;
  decode(json, where, word);
  for (const T candidate : Words<T>::kAll) {
    if (word != to_string(candidate)) continue;
    value = candidate;
    return;
  }
  refuse(where, "an unknown word");
}

void decode(const Json& json, const std::string& where, Parameters& parameters) {
  require(json.is_object(), where, "an object", json);
  for (const auto& [name, value] : json.items()) {
    if (value.is_boolean()) {
      parameters[name] = value.get<bool>();
    } else if (value.is_number_integer()) {
      std::int64_t whole = 0;
      decode(value, where + "." + name, whole);
      parameters[name] = whole;
    } else if (value.is_number_float()) {
      parameters[name] = value.get<double>();
    } else {
      require(value.is_string(), where + "." + name, "true, false, a number or a text", value);
      parameters[name] = value.get<std::string>();
    }
  }
}

template <Fields T>
void decode(const Json& json, const std::string& where, T& value);

template <typename T>
void decode(const Json& json, const std::string& where, std::optional<T>& value) {
  if (json.is_null()) return;
  decode(json, where, value.emplace());
}

template <typename T>
void decode(const Json& json, const std::string& where, std::vector<T>& values) {
  require(json.is_array(), where, "a list", json);
  values.reserve(json.size());
  for (std::size_t i = 0; i < json.size(); ++i) decode(json[i], fmt::format("{}[{}]", where, i), values.emplace_back());
}

template <Fields T>
void decode(const Json& json, const std::string& where, T& value) {
  require(json.is_object(), where, "an object", json);
  std::set<std::string> known;
  visit_fields(value, [&](const char* key, auto& field) {
    const auto member = json.find(key);
    if (member == json.end()) refuse(where, fmt::format("the key \"{}\" is absent", key));
    decode(*member, fmt::format("{}.{}", where, key), field);
    known.insert(key);
  });
  // A later version may greet with more, and must still be told apart by its number.
  if constexpr (std::same_as<T, Hello>) return;
  for (const auto& [key, member] : json.items())
    if (!known.contains(key)) refuse(where, fmt::format("unknown key \"{}\"", key));
}

template <std::size_t kIndex = 0>
Message decode_body(std::size_t index, const Json& json) {
  if constexpr (kIndex < kKinds.size()) {
    if (index != kIndex) return decode_body<kIndex + 1>(index, json);
    std::variant_alternative_t<kIndex, Message> body;
    decode(json, kKinds[kIndex], body);
    return body;
  }
  refuse("message", "an unknown kind");
}

}  // namespace

const char* to_string(FailedKind kind) {
  constexpr std::array kWords{"usage", "check", "cuda", "fatal_cuda", "cancelled", "memory", "other"};
  return kWords.at(static_cast<std::size_t>(kind));
}

std::string to_json(const Message& message) {
  const Json body = std::visit([](const auto& one) { return encode(one); }, message);
  // Texts come from exceptions of all kinds: bytes that are no UTF-8 are replaced, never an error of their own.
  return Json{{kKinds[message.index()], body}}.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Message message_from_json(std::string_view text) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || json.size() != 1) refuse("message", "no JSON object with one member");
  const std::string kind = json.begin().key();
  std::size_t index = 0;
  while (index < kKinds.size() && kind != kKinds[index]) ++index;
  return decode_body(index, json.begin().value());
}

std::string why_not(const Hello& ours, const Hello& theirs) {
  if (ours.protocol != theirs.protocol)
    return fmt::format("the worker's protocol is version {}, this program speaks version {}: install one build and start again",
                       theirs.protocol, ours.protocol);
  if (ours.build != theirs.build)
    return fmt::format("the worker is of build {}, this program of build {}: it was installed anew meanwhile, start again", theirs.build,
                       ours.build);
  return {};
}

}  // namespace wan::run
