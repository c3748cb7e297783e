// From mapped files into tensors that are there already, on any device and in any dtype: the way of every weight, at the speed of the disk.
// Several threads each read a piece of a file into a buffer of their own and pass it on: on the CPU the buffer stays in the cache and is
// converted out of it; for a device it is pinned, copied on a stream of its own while the thread reads on, and converted there. So the host
// holds a fixed few buffers beside the mapping (256 MiB for a device), however large the files are.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <span>

#include "engine/io/safetensors.h"

namespace wan::checkpoint {

struct Transfer {
  io::TensorView from;
  at::ScalarType stored;  // what the bytes are
  at::Tensor to;          // dense, as many elements as `from`
};

// Called on the calling thread with the bytes that were read since the last call; what it throws ends the transfer.
using BytesRead = std::function<void(std::int64_t bytes)>;

// All tensors must be on one device. Returns when they are filled. Throws UsageError where a file cannot be read.
void transfer(std::span<const Transfer> transfers, const BytesRead& progress);

}  // namespace wan::checkpoint
