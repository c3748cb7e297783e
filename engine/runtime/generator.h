// Random numbers of a device by a seed.
#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace wan::runtime {

// A generator of the device's kind, of the caller's own. The same seed gives other numbers on another kind of device.
at::Generator seeded_generator(at::Device device, std::uint64_t seed);

}  // namespace wan::runtime
