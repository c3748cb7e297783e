#include "engine/runtime/mark.h"

#include <c10/core/Event.h>
#include <c10/core/impl/VirtualGuardImpl.h>

namespace wan::runtime {
namespace {

c10::impl::VirtualGuardImpl guard_of(at::Device device) { return c10::impl::VirtualGuardImpl(device.type()); }

}  // namespace

Mark::Mark(at::Device device) : device_(device), host_(std::chrono::steady_clock::now()) {
  if (device.is_cpu()) return;
  event_ = std::make_unique<c10::Event>(device.type(), c10::EventFlag::BACKEND_DEFAULT);  // this flag keeps times
  event_->record(guard_of(device).getStream(device));
}

Mark::~Mark() = default;
Mark::Mark(Mark&&) noexcept = default;
Mark& Mark::operator=(Mark&&) noexcept = default;

void Mark::wait() const {
  if (event_) event_->synchronize();
}

void Mark::hold() const {
  if (event_) event_->block(guard_of(device_).getStream(device_));
}

double Mark::seconds_since(const Mark& earlier) const {
  if (event_) return earlier.event_->elapsedTime(*event_) * 1e-3;
  return std::chrono::duration<double>(host_ - earlier.host_).count();
}

c10::Stream side_stream(at::Device device) { return guard_of(device).getNewStream(device); }

}  // namespace wan::runtime
