#include "harness/run/channel.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstring>

namespace wan::run {
namespace {

using Clock = std::chrono::steady_clock;

union Control {  // room for one descriptor, aligned as the header wants it
  cmsghdr header;
  char bytes[CMSG_SPACE(sizeof(int))];
};

[[noreturn]] void closed() { throw ChannelClosed(std::strerror(errno)); }

// Milliseconds until then for poll, rounded up so that it does not spin.
int left_ms(Clock::time_point until) {
  const double left_s = std::chrono::duration<double>(until - Clock::now()).count();
  return static_cast<int>(std::clamp(std::ceil(left_s * 1e3), 0.0, 1e9));
}

}  // namespace

void Channel::send(const Message& message, int file) {
  const std::string frame = to_frame(message);
  const std::lock_guard lock(sending_);
  for (std::size_t sent = 0; sent < frame.size();) {
    iovec part{.iov_base = const_cast<char*>(frame.data() + sent), .iov_len = frame.size() - sent};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    Control control{};
    if (file >= 0 && sent == 0) {  // goes with the first byte
      header.msg_control = control.bytes;
      header.msg_controllen = sizeof(control.bytes);
      cmsghdr* rights = CMSG_FIRSTHDR(&header);
      rights->cmsg_level = SOL_SOCKET;
      rights->cmsg_type = SCM_RIGHTS;
      rights->cmsg_len = CMSG_LEN(sizeof(int));
      std::memcpy(CMSG_DATA(rights), &file, sizeof(int));
    }
    const ssize_t count = ::sendmsg(socket_.get(), &header, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) closed();
    sent += static_cast<std::size_t>(count);
  }
}

void Channel::read_some() {
  std::array<char, 65536> buffer;
  iovec part{.iov_base = buffer.data(), .iov_len = buffer.size()};
  Control control{};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.bytes;
  header.msg_controllen = sizeof(control.bytes);
  const ssize_t count = ::recvmsg(socket_.get(), &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
  for (cmsghdr* rights = count < 0 ? nullptr : CMSG_FIRSTHDR(&header); rights; rights = CMSG_NXTHDR(&header, rights)) {
    if (rights->cmsg_level != SOL_SOCKET || rights->cmsg_type != SCM_RIGHTS) continue;
    int file = -1;
    std::memcpy(&file, CMSG_DATA(rights), sizeof(int));
    files_.emplace_back(file);
  }
  if (count < 0) closed();
  if (count == 0) throw ChannelClosed("the other end is closed");
  frames_.feed({buffer.data(), static_cast<std::size_t>(count)});
}

std::optional<Received> Channel::receive(double timeout_s) {
  const auto until = Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(timeout_s));
  for (;;) {
    if (auto message = frames_.next()) {
      Received received{.message = std::move(*message)};
      if (std::holds_alternative<Generated>(received.message) && !files_.empty()) {
        received.file = std::move(files_.front());
        files_.pop_front();
      }
      return received;
    }
    pollfd ready{.fd = socket_.get(), .events = POLLIN, .revents = 0};
    const int count = ::poll(&ready, 1, left_ms(until));
    if (count > 0) {
      read_some();
    } else if (count == 0 || errno != EINTR) {
      if (count < 0) closed();
      return std::nullopt;
    } else if (Clock::now() >= until) {
      return std::nullopt;
    }
  }
}

std::pair<UniqueFd, UniqueFd> make_socket_pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) throw_system_error("socketpair");
  return {above_standard(UniqueFd(ends[0])), above_standard(UniqueFd(ends[1]))};
}

}  // namespace wan::run
