#include "engine/runtime/repeated.h"

#include "engine/runtime/plugin.h"

namespace wan::runtime {
namespace {

constexpr int kCallsBefore = 2;  // libraries choose algorithms and make workspaces

}  // namespace

void leave_default_stream(at::Device device) {
  if (!device.is_cpu()) load_cuda_plugin().leave_default_stream(device.index());
}

Repeated::Repeated(at::Device device, std::function<void()> body) : device_(device), body_(std::move(body)) {}

void Repeated::operator()() {
  if (device_.is_cpu() || calls_++ < kCallsBefore) return body_();
  if (!replay_) replay_ = load_cuda_plugin().record(body_);
  replay_();
}

}  // namespace wan::runtime
