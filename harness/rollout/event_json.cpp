#include "harness/rollout/event_json.h"

#include <fmt/format.h>

#include <array>
#include <vector>

#include "engine/base/sha256.h"
#include "engine/io/json_reader.h"
#include "engine/io/json_writer.h"
#include "harness/rollout/event_fields.h"
#include "harness/store/record_json.h"

namespace wan::rollout {
namespace {

template <typename T>
concept Fields = requires(T& value) {
  visit_fields(value, [](const char*, auto&) {});
};

template <typename Enum>
struct Words;
template <>
struct Words<Phase> {
  static constexpr std::array kAll{Phase::single_prompt, Phase::batch, Phase::stress, Phase::production};
};
template <>
struct Words<EventKind> {
  static constexpr std::array kAll{EventKind::started, EventKind::advanced, EventKind::watched, EventKind::rolled_back};
};

void write(std::string& out, const std::string& value) { io::append_json(out, value); }
void write(std::string& out, std::integral auto value) { out += std::to_string(value); }
template <typename T>
requires std::is_enum_v<T>
void write(std::string& out, T value) { io::append_json(out, std::string_view(to_string(value))); }
void write(std::string& out, const plan::Configuration& value) { store::append_configuration(out, value); }
template <Fields T>
void write(std::string& out, const T& value);
template <typename T>
void write(std::string& out, const std::optional<T>& value) {
  value ? write(out, *value) : void(out += "null");
}
template <Fields T>
void write(std::string& out, const T& value) {
  char separator = '{';
  visit_fields(value, [&](const char* key, const auto& field) {
    out += fmt::format("{}\"{}\":", separator, key);
    write(out, field);
    separator = ',';
  });
  out += '}';
}

void read(io::JsonReader& in, std::string& value) { value = in.read_string(); }
void read(io::JsonReader& in, std::int64_t& value) { value = in.read_int(); }
void read(io::JsonReader& in, int& value) {
  if (in.read_int() != kSchema) in.refuse(fmt::format("written with another schema than {}: use the wan-eval that wrote it", kSchema));
  value = kSchema;
}
template <typename T>
requires std::is_enum_v<T>
void read(io::JsonReader& in, T& value) {
  const std::string word = in.read_string();
  std::vector<std::string> accepted;
  for (const T candidate : Words<T>::kAll) {
    accepted.emplace_back(to_string(candidate));
    if (word != accepted.back()) continue;
    value = candidate;
    return;
  }
  in.refuse(fmt::format("\"{}\" is none of {}", word, fmt::join(accepted, ", ")));
}
void read(io::JsonReader& in, plan::Configuration& value) { value = store::read_configuration(in); }
template <Fields T>
void read(io::JsonReader& in, T& value);
template <typename T>
void read(io::JsonReader& in, std::optional<T>& value) {
  if (in.peek() == io::JsonReader::Kind::null) return in.read_null();
  read(in, value.emplace());
}
template <Fields T>
void read(io::JsonReader& in, T& value) {
  std::vector<io::JsonMember> members;
  visit_fields(value, [&](const char* key, auto& field) { members.push_back({.key = key, .read = [&in, &field] { read(in, field); }}); });
  io::read_members(in, members);
}

}  // namespace

std::string to_json_line(const Event& event) {
  std::string line;
  write(line, event);
  return line;
}

Event event_from_json_line(std::string_view line, const std::string& name) {
  io::JsonReader in(line, name);
  Event event;
  read(in, event);
  in.finish();
  return event;
}

std::string seal_of(const Event& event, const std::string& previous_seal) {
  Event unsealed = event;
  unsealed.seal.clear();
  return sha256_hex(previous_seal + "\n" + to_json_line(unsealed));
}

}  // namespace wan::rollout
