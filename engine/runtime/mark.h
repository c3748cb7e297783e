// A point in a device's queue of work: what was asked of the device before it was made lies behind it. Making one waits for nothing. A CPU
// has done what it was asked, so there a mark is only a time.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Stream.h>

#include <chrono>
#include <memory>

namespace c10 {
struct Event;
}

namespace wan::runtime {

class Mark {
 public:
  explicit Mark(at::Device device);  // in the device's current stream
  ~Mark();
  Mark(Mark&&) noexcept;
  Mark& operator=(Mark&&) noexcept;

  void wait() const;  // the host, until the device has come here
  void hold() const;  // the device's current stream, until then; the host goes on
  // Device time between two marks of one device, both waited for.
  double seconds_since(const Mark& earlier) const;

 private:
  at::Device device_;
  std::chrono::steady_clock::time_point host_;
  std::unique_ptr<c10::Event> event_;  // null on the CPU
};

// A stream beside the current one, for c10::StreamGuard; on the CPU there is only one.
c10::Stream side_stream(at::Device device);

}  // namespace wan::runtime
