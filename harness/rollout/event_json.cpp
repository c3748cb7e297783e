#include "harness/rollout/event_json.h"

#include "engine/base/sha256.h"
#include "engine/io/json_codec.h"
#include "harness/rollout/event_fields.h"
#include "harness/store/record_fields.h"

namespace wan::rollout {
namespace {

constexpr io::JsonSchema kEventSchema{.number = kSchema, .what = "rollout event"};

struct EventFormat : io::JsonFormat {
  void visit(auto& value, auto&& field) const {
    using rollout::visit_fields;
    using store::visit_fields;  // of the configuration
    visit_fields(value, field);
  }
};

}  // namespace

std::string to_json_line(const Event& event) { return io::encode_json(event, EventFormat{}); }

Event event_from_json_line(std::string_view line, const std::string& name) {
  io::check_schema(line, name, kEventSchema);
  return io::decode_json<Event>(line, name, EventFormat{});
}

std::string seal_of(const Event& event, const std::string& previous_seal) {
  Event unsealed = event;
  unsealed.seal.clear();
  return sha256_hex(previous_seal + "\n" + to_json_line(unsealed));
}

}  // namespace wan::rollout
