// One end of the socket between harness and worker: messages, and with each one file descriptor if it has something too large for JSON.
// Sending is safe from several threads, receiving belongs to one.
#pragma once

#include <deque>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <utility>

#include "harness/run/descriptors.h"
#include "harness/run/frame.h"

namespace wan::run {

// The other end is gone.
class ChannelClosed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Received {
  Message message;
  UniqueFd file = UniqueFd{};  // of a Generated
};

class Channel {
 public:
  explicit Channel(UniqueFd socket) : socket_(std::move(socket)) {}

  void send(const Message& message, int file = -1);   // throws ChannelClosed
  std::optional<Received> receive(double timeout_s);  // nothing in that time; throws ChannelClosed and ProtocolError
  void close() { socket_.reset(); }

 private:
  void read_some();

  UniqueFd socket_;
  std::mutex sending_;
  FrameReader frames_;
  std::deque<UniqueFd> files_ = {};  // received, not yet handed out
};

// Two connected sockets, neither inherited by a program that is started, neither below 10, so that 0 to 3 stay free for a child's own.
std::pair<UniqueFd, UniqueFd> make_socket_pair();

}  // namespace wan::run
