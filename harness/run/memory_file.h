// A clip's pixels and latents in memory that two processes can hold: a file without a name, gone with its last descriptor. The worker
// copies them in, the harness copies them out.
#pragma once

#include "engine/generation.h"
#include "harness/run/descriptors.h"

namespace wan::run {

UniqueFd write_memory_file(const GenerationResult& result);

// Fills pixels and latents of a result whose sizes are known. ProtocolError if the file holds not just as many bytes.
void read_memory_file(const UniqueFd& file, GenerationResult& result);

}  // namespace wan::run
