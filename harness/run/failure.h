// Why a load or a clip failed, as the record says it: `crash`, `oom`, `usage` or `nan`, then ": " and what was said.
#pragma once

#include <cstdint>
#include <exception>
#include <string>

namespace wan::run {

// Decides by type; memory is recognised by the words of LibTorch, whose type of exception does not cross the engine's door.
std::string describe_failure(const std::exception& error);

// Of a clip whose values are not all finite.
std::string describe_nonfinite(std::int64_t in_latents, std::int64_t in_clip);

}  // namespace wan::run
