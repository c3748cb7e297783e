// Messages in a stream of bytes: four bytes of length, the lowest first, then the message's JSON.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "harness/run/message.h"

namespace wan::run {

inline constexpr std::size_t kLongestMessage = std::size_t{16} << 20;  // bytes; a longer one is not ours

std::string to_frame(const Message& message);

// Takes bytes as they come and gives messages as they are complete.
class FrameReader {
 public:
  void feed(std::string_view bytes) { bytes_.append(bytes); }
  std::optional<Message> next();  // throws ProtocolError

 private:
  std::string bytes_ = {};
};

}  // namespace wan::run
