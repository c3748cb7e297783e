// Why a load or a clip failed, as the record says it: `crash`, `oom`, `usage` or `nan`, then ": " and what was said.
#pragma once

#include <cstdint>
#include <exception>
#include <string>

namespace wan::run {

// Decides by type; memory is recognised by the words of LibTorch, whose type of exception does not cross the engine's door.
std::string describe_failure(const std::exception& error);

// The worker or the device is lost, which says nothing of the configuration yet: the same may be tried again. All else (NaN, memory, a
// precondition) would end the same way.
bool is_infrastructure_fault(const std::exception& error);

// Do these words mean that memory ran out?
bool tells_of_memory(const std::string& text);

// Of a clip whose values are not all finite.
std::string describe_nonfinite(std::int64_t in_latents, std::int64_t in_clip);

}  // namespace wan::run
