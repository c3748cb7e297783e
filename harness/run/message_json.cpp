#include <fmt/format.h>

#include <array>
#include <utility>

#include "engine/base/error.h"
#include "engine/io/json_codec.h"
#include "harness/run/message.h"
#include "harness/run/message_fields.h"

namespace wan::run {
namespace {

// In the order of Message's alternatives.
constexpr std::array<const char*, std::variant_size_v<Message>> kKinds{"hello",       "load",     "generate", "time_steps", "replay",
                                                                       "cancel",      "beat",     "step",     "loaded",     "generated",
                                                                       "steps_timed", "replayed", "failed"};

struct MessageFormat : io::JsonFormat {
  void visit(auto& value, auto&& field) const { visit_fields(value, field); }
  // A later version may greet with more, and must still be told apart by its number.
  static bool ignores(const auto& value, std::string_view) { return std::is_same_v<decltype(value), const Hello&>; }
};

template <std::size_t kIndex = 0>
Message decode_body(io::JsonReader& in, std::size_t index) {
  if constexpr (kIndex < kKinds.size()) {
    if (index != kIndex) return decode_body<kIndex + 1>(in, index);
    std::variant_alternative_t<kIndex, Message> body;
    io::JsonDecoder(in, MessageFormat{}).read(body);
    return body;
  }
  in.refuse(fmt::format("an unknown kind of message; there are {}", fmt::join(kKinds, ", ")));
}

Message decode(std::string_view text) {
  io::JsonReader in(text, "message");
  std::string_view kind;
  if (in.peek() != io::JsonReader::Kind::object) in.refuse("no JSON object with one member");
  in.begin_object();
  if (!in.next_key(kind)) in.refuse("no JSON object with one member");
  std::size_t index = 0;
  while (index < kKinds.size() && kind != kKinds[index]) ++index;
  Message message = decode_body(in, index);
  if (in.next_key(kind)) in.refuse("no JSON object with one member");
  in.finish();
  return message;
}

}  // namespace

const char* to_string(FailedKind kind) {
  constexpr std::array kWords{"usage", "check", "cuda", "fatal_cuda", "cancelled", "memory", "other"};
  return kWords.at(static_cast<std::size_t>(kind));
}

std::string to_json(const Message& message) {
  const std::string body = std::visit([](const auto& one) { return io::encode_json(one, MessageFormat{}); }, message);
  return fmt::format("{{\"{}\":{}}}", kKinds[message.index()], body);
}

Message message_from_json(std::string_view text) {
  try {
    return decode(text);
  } catch (const UsageError& fault) {  // nobody's file: what came from the other end
    throw ProtocolError(fmt::format("{}; both ends must be of one build: install it anew and start again", fault.what()));
  }
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
