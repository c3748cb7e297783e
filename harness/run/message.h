// What harness and worker say to each other: plain messages, and their JSON. Reading is strict, as of records: an absent or unknown key or
// a wrong type is a ProtocolError that names the path inside the message. Pixels and latents do not travel in a message but beside it
// (memory_file.h).
//
// The harness says Hello and the worker answers with its own; then one request at a time (Load, Generate, TimeSteps, Replay), which the
// worker answers with Loaded, Generated, StepsTimed, Replayed or Failed, and before that with Beat and StepDone as often as there is
// something to say. Cancel may come at any time. The end of the channel is the end of the worker.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>

#include "engine/generation.h"

namespace wan::run {

inline constexpr std::int64_t kProtocol = 3;  // raised by any change of what is said; other keys of Hello are for later versions

class ProtocolError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Hello {
  std::int64_t protocol = kProtocol;
  std::string build = {};  // build_id()
};
struct Load {
  LoadRequest request = {};
};
struct Generate {
  std::uint64_t id = 0;  // for Cancel, which may come too late
  GenerationRequest request = {};
};
struct TimeSteps {
  std::uint64_t id = 0;
  GenerationRequest request = {};
  std::int64_t steps_an_expert = 0;
};
struct Replay {
  std::uint64_t id = 0;
  GenerationRequest request = {};
  std::string trajectory_file = {};
};
struct Cancel {
  std::uint64_t id = 0;
};
struct Beat {};
struct StepDone {
  std::int64_t done = 0, total = 0;
};
struct Loaded {
  LoadReport report = {};
};
struct Generated {
  GenerationResult result = {};  // without pixels and latents
};
struct StepsTimed {
  TimedSteps result = {};
};
struct Replayed {
  ReplayResult result = {};
};
enum class FailedKind { usage, check, cuda, fatal_cuda, cancelled, memory, other };
struct Failed {
  FailedKind kind = FailedKind::other;
  std::string text = {};
  std::int64_t code = 0;  // of a CUDA error
};

using Message =
    std::variant<Hello, Load, Generate, TimeSteps, Replay, Cancel, Beat, StepDone, Loaded, Generated, StepsTimed, Replayed, Failed>;

const char* to_string(FailedKind kind);

std::string to_json(const Message& message);
Message message_from_json(std::string_view text);  // throws ProtocolError

// An empty string, or why these two cannot work together, in one sentence.
std::string why_not(const Hello& ours, const Hello& theirs);

}  // namespace wan::run
