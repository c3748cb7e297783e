// Work that is asked for again and again over the same tensors, as a training's step is: on a CUDA device it is recorded once as a CUDA
// graph and replayed, so that the host asks for one thing instead of thousands.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>

namespace wan::runtime {

// A graph can be recorded on no device's default stream, and autograd ties gradients to the stream on which a tensor was first used. So
// this comes before the tensors: from here on this thread works on a stream of its own. Nothing on the CPU.
void leave_default_stream(at::Device device);

class Repeated {
 public:
  // `body` reads its inputs from tensors that stay where they are, leaves its results in tensors that it or the caller holds, and neither
  // waits for the device nor lets values of the host decide. On a device it runs as it is twice, is recorded at the third call, and then is
  // called no more.
  Repeated(at::Device device, std::function<void()> body);
  void operator()();

 private:
  at::Device device_;
  std::function<void()> body_, replay_;
  int calls_ = 0;
};

}  // namespace wan::runtime
