#include "harness/run/frame.h"

#include <fmt/format.h>

#include <cstdint>

#include "engine/base/error.h"

namespace wan::run {
namespace {

constexpr std::size_t kLengthBytes = 4;

}  // namespace

std::string to_frame(const Message& message) {
  const std::string body = to_json(message);
  WAN_CHECK(body.size() <= kLongestMessage, "a message of {} bytes is longer than the {} that are read", body.size(), kLongestMessage);
  std::string frame;
  for (std::size_t i = 0; i < kLengthBytes; ++i) frame += static_cast<char>(body.size() >> (8 * i) & 0xff);
  return frame + body;
}

std::optional<Message> FrameReader::next() {
  if (bytes_.size() < kLengthBytes) return std::nullopt;
  std::size_t length = 0;
  for (std::size_t i = 0; i < kLengthBytes; ++i) length |= std::size_t{static_cast<std::uint8_t>(bytes_[i])} << (8 * i);
  if (length > kLongestMessage)
    throw ProtocolError(fmt::format("message: {} bytes are announced, {} are the most", length, kLongestMessage));
  if (bytes_.size() < kLengthBytes + length) return std::nullopt;
  const std::string body = bytes_.substr(kLengthBytes, length);
  bytes_.erase(0, kLengthBytes + length);
  return message_from_json(body);
}

}  // namespace wan::run
